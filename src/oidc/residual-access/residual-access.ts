import type { Application } from '../../directory/applications/application.ts';
import type { ClaimUse } from '../../directory/applications/claim-policy.ts';
import { visibleGroups } from '../../directory/applications/claimed-groups.ts';
import { lineOf } from '../../directory/groups/group-path.ts';
import type { Group } from '../../directory/groups/group.ts';
import type { PastMembership } from '../../directory/memberships/history.ts';
import type { User } from '../../directory/users/user.ts';
import type { Actor } from '../../platform/actor.ts';
import type { Clock } from '../../platform/clock.ts';
import type { Id } from '../../platform/ids.ts';

/** The tokens that say themselves which groups a user is in; what the others lead to is always of the present. */
const CARRIERS = ['id_token', 'access_token'] as const satisfies ClaimUse[];
export type Carrier = (typeof CARRIERS)[number];

/** What an application may still be told of a group that the user has left. */
export interface Residue {
  application: Application;
  group: Group;
  /** Where it says so. */
  tokens: Carrier[];
  leftAt: Date;
  /** No such token is valid any more from then on. */
  until: Date;
}

/** When a user signed in to an application, and what the application was granted. */
export interface UserGrant {
  clientId: string;
  scopes: string[];
  createdAt: Date;
}

export interface ResidualAccessOptions {
  grantsOf(userId: Id): Promise<UserGrant[]>;
  /** Memberships that were over after a moment. */
  endedSince(userId: Id, since: Date): Promise<PastMembership[]>;
  /** The groups that a user is directly in now. */
  groupIds(user: User): Id[];
  /** These groups and their parent groups. */
  groupsByIds(ids: Id[]): Promise<Group[]>;
  /** Of these groups, those that an actor may see. */
  visibleTo(actor: Actor, groups: Group[]): Promise<Group[]>;
  findApplication(clientId: string): Promise<Application | undefined>;
  /** Ends what was granted to an application, and sends back-channel logout. */
  signOutOf(actor: Actor, user: User, application: Application): Promise<void>;
  /** For how long each token is valid; undefined for one that says nothing itself. */
  secondsOf(carrier: Carrier): number | undefined;
  now: Clock;
}

export type ResidualAccess = ReturnType<typeof createResidualAccess>;

/**
 * Groups that valid tokens may still report after the user has left them. Nothing is kept for each token: one that reports a
 * group was issued before the user left it, so it ends a lifetime afterwards at the latest, and under a grant of that time.
 */
export function createResidualAccess(options: ResidualAccessOptions) {
  const { grantsOf, endedSince, groupIds, groupsByIds, visibleTo, findApplication, signOutOf, secondsOf, now } =
    options;

  /** By application and group. */
  async function of(user: User, actor: Actor): Promise<Residue[]> {
    const longest = Math.max(0, ...CARRIERS.map((carrier) => secondsOf(carrier) ?? 0));
    const past = await endedSince(user.id, new Date(now().getTime() - longest * 1000));
    if (past.length === 0) return [];
    const present = groupIds(user);
    const groups = await groupsByIds([...new Set([...present, ...past.map(({ membership }) => membership.group)])]);
    const seen = new Set((await visibleTo(actor, groups)).map(({ id }) => id));
    const residues: Residue[] = [];
    for (const { clientId, scopes, createdAt } of await grantsOf(user.id)) {
      const application = scopes.includes('groups') ? await findApplication(clientId) : undefined;
      const reported = past.filter(({ end }) => createdAt <= end);
      if (application) residues.push(...residuesOf(reported, { application, present, groups }));
    }
    return latestOfEach(residues.filter(({ group }) => seen.has(group.id)));
  }

  function residuesOf(past: PastMembership[], { application, present, groups }: Known): Residue[] {
    const { claimPolicy: policy } = application;
    const tokens = CARRIERS.filter((carrier) => policy.tokens.includes(carrier) && secondsOf(carrier) !== undefined);
    if (tokens.length === 0) return [];
    const validMs = Math.max(...tokens.map((carrier) => secondsOf(carrier)!)) * 1000;
    const at = now();
    const visibleIn = (ids: Id[]) => visibleGroups(policy, ids, withParents(ids, groups), at);
    const still = new Set(visibleIn(present).map(({ id }) => id));
    return past.flatMap(({ membership, end: leftAt }) => {
      const until = new Date(Math.min(leftAt.getTime() + validMs, membership.until?.getTime() ?? Infinity));
      if (until <= at) return [];
      const left = visibleIn([membership.group]).filter(({ id }) => !still.has(id));
      return left.map((group) => ({ application, group, tokens, leftAt, until }));
    });
  }

  /** Tokens that can be refused are, and the applications are told to end their sessions. */
  async function end(user: User, actor: Actor): Promise<void> {
    const applications = new Map((await of(user, actor)).map(({ application }) => [application.id, application]));
    for (const application of applications.values()) await signOutOf(actor, user, application);
  }

  return { of, end };
}

interface Known {
  application: Application;
  /** The groups that the user is directly in. */
  present: Id[];
  groups: Group[];
}

/** These groups and their parent groups, out of all that are known, the nearest first. */
function withParents(ids: Id[], groups: Group[]): Group[] {
  const byId = new Map(groups.map((group) => [group.id, group]));
  const known = ids.flatMap((id) => byId.get(id) ?? []);
  return [...new Set(known.flatMap((group) => lineOf(group, (id) => byId.get(id)).reverse()))];
}

/** A user who left a group twice left it for good the last time. */
function latestOfEach(residues: Residue[]): Residue[] {
  const keyOf = ({ application, group }: Residue) => `${application.id} ${group.id}`;
  const byAge = residues.toSorted((a, b) => a.until.getTime() - b.until.getTime());
  return [...new Map(byAge.map((residue) => [keyOf(residue), residue])).values()];
}
