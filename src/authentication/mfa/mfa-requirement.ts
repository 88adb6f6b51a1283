import { Assurance, assuranceOf, levelsOf } from '../../platform/assurance.ts';
import type { Id } from '../../platform/ids.ts';
import { onceForEach } from '../../platform/once-for-each.ts';
import type { Application } from '../../directory/applications/application.ts';
import type { SignInSituation } from '../../directory/module.ts';
import type { User } from '../../directory/users/user.ts';
import { hasFactor, type Held } from './factor.ts';

/** The cookie of a trusted device. */
export const REMEMBERED = 'remembered';

/** What a user still has to do to reach `goal`: use a factor, or enroll one. */
export type Need =
  | { step: 'prove'; goal: Assurance; held: Held; byMail: boolean }
  | { step: 'set-up'; goal: Assurance; held: Held }
  | { step: 'none' };

export interface DemandOptions {
  findHeld(userId: Id): Promise<Held>;
  /** As of at most a second ago. */
  findKnownHeld(userId: Id): Promise<Held>;
  isTrusted(user: User, secret: string | undefined): Promise<boolean>;
  /** Whether a group of theirs, or a role that it grants, requires MFA. */
  isDemandedOf(user: User): Promise<boolean>;
  /** Email one-time codes are allowed for users without a factor. */
  mailCodes: boolean;
}

export type Demand = ReturnType<typeof createDemand>;

/** Who must use MFA, and which factors are sufficient. */
export function createDemand({ findHeld, findKnownHeld, isTrusted, isDemandedOf, mailCodes }: DemandOptions) {
  // Two steps ask about the same moment of the same sign-in.
  const assess = onceForEach(look);

  async function look(situation: SignInSituation): Promise<Need> {
    const { user, application, amr, requestedAcr, cookies, fromMemory = false } = situation;
    const present = Math.max(assuranceOf(amr), Assurance.single) as Assurance;
    const wanted = levelsOf(requestedAcr);
    const hasSecond = amr.some((method) => method !== 'pwd');
    if (hasSecond && (wanted[0] ?? present) <= present) return { step: 'none' };
    const held = await (fromMemory ? findKnownHeld(user.id) : findHeld(user.id));
    const best = bestOf(held);
    const goal = goalOf(wanted, Math.max(best, present), requestedAcr.isEssential);
    if (hasFactor(held)) {
      // By rule, except on trusted devices; and always if the application requests it.
      const skipsMfa = hasSecond || (await isTrusted(user, cookies[REMEMBERED]));
      const reachable = Math.min(goal, best) as Assurance;
      if (!skipsMfa || present < reachable) return { step: 'prove', goal: reachable, held, byMail: false };
    }
    if (present < goal) return { step: 'set-up', goal, held };
    if (hasSecond || hasFactor(held) || !(await isDemanded(user, application))) return { step: 'none' };
    return mailCodes ? { step: 'prove', goal, held, byMail: true } : { step: 'set-up', goal: Assurance.multi, held };
  }

  const isDemanded = async (user: User, application: Application | undefined): Promise<boolean> =>
    application?.requiresSecondFactor === true || isDemandedOf(user);

  return { assess };
}

/** What a password and the best of these come to. */
function bestOf(held: Held): Assurance {
  if (held.passkeys.length > 0) return Assurance.phishingResistant;
  return hasFactor(held) ? Assurance.multi : Assurance.single;
}

/**
 * The first requested level that is possible with the user's factors, else the lowest of them. A level that is not
 * essential is not worth making a user with another factor enroll a passkey.
 */
function goalOf(wanted: Assurance[], best: number, isEssential: boolean): Assurance {
  const reachable = wanted.length === 0 ? Assurance.single : wanted.find((level) => level <= best);
  if (reachable !== undefined) return reachable;
  const least = Math.min(...wanted);
  return (isEssential ? least : Math.min(least, Assurance.multi)) as Assurance;
}
