import { Assurance, assuranceOf, levelsOf } from '../../platform/assurance.ts';
import type { Id } from '../../platform/ids.ts';
import type { Application } from '../../directory/applications/application.ts';
import type { SignInSituation } from '../../module.ts';
import type { Person } from '../../directory/users/user.ts';
import { hasFactor, type Held } from './factor.ts';

/** The cookie of a remembered device. */
export const REMEMBERED = 'remembered';

/** What somebody still has to do: prove a factor that they have, or set one up; so that they reach `goal`. */
export type Need =
  | { step: 'prove'; goal: Assurance; held: Held; byMail: boolean }
  | { step: 'set-up'; goal: Assurance; held: Held }
  | { step: 'none' };

export interface DemandOptions {
  findHeld(userId: Id): Promise<Held>;
  isRemembered(person: Person, secret: string | undefined): Promise<boolean>;
  /** Whether a group of theirs, or a role that it gives them, asks for a second factor. */
  isDemandedOf(person: Person): Promise<boolean>;
  /** Codes by letter will do for who has no other second factor. */
  mailCodes: boolean;
}

export type Demand = ReturnType<typeof createDemand>;

/** Who has to use a second factor, and which will do. */
export function createDemand({ findHeld, isRemembered, isDemandedOf, mailCodes }: DemandOptions) {
  // Two steps ask about the same moment of the same sign-in.
  const known = new WeakMap<SignInSituation, Promise<Need>>();

  function assess(situation: SignInSituation): Promise<Need> {
    const need = known.get(situation) ?? look(situation);
    known.set(situation, need);
    return need;
  }

  async function look({ person, application, amr, wish, cookies }: SignInSituation): Promise<Need> {
    const present = Math.max(assuranceOf(amr), Assurance.single) as Assurance;
    const wanted = levelsOf(wish);
    const hasSecond = amr.some((method) => method !== 'pwd');
    if (hasSecond && (wanted[0] ?? present) <= present) return { step: 'none' };
    const held = await findHeld(person.id);
    const best = bestOf(held);
    const goal = goalOf(wanted, Math.max(best, present), wish.isEssential);
    if (hasFactor(held)) {
      // By habit, unless this browser is spared it; and whatever is spared, when the application wants to be sure.
      const isSpared = hasSecond || (await isRemembered(person, cookies[REMEMBERED]));
      const reachable = Math.min(goal, best) as Assurance;
      if (!isSpared || present < reachable) return { step: 'prove', goal: reachable, held, byMail: false };
    }
    if (present < goal) return { step: 'set-up', goal, held };
    if (hasSecond || hasFactor(held) || !(await isDemanded(person, application))) return { step: 'none' };
    return mailCodes ? { step: 'prove', goal, held, byMail: true } : { step: 'set-up', goal: Assurance.multi, held };
  }

  const isDemanded = async (person: Person, application: Application | undefined): Promise<boolean> =>
    application?.requiresSecondFactor === true || isDemandedOf(person);

  return { assess };
}

/** What a password and the best of these come to. */
function bestOf(held: Held): Assurance {
  if (held.passkeys.length > 0) return Assurance.phishingResistant;
  return hasFactor(held) ? Assurance.multi : Assurance.single;
}

/**
 * The first wish that can be fulfilled with what there is, else the least of them. What is not essential is not worth
 * making somebody get a passkey who has another factor.
 */
function goalOf(wanted: Assurance[], best: number, isEssential: boolean): Assurance {
  const reachable = wanted.length === 0 ? Assurance.single : wanted.find((level) => level <= best);
  if (reachable !== undefined) return reachable;
  const least = Math.min(...wanted);
  return (isEssential ? least : Math.min(least, Assurance.multi)) as Assurance;
}
