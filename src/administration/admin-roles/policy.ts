import { holds, requireScopes, type Actor } from '../../platform/actor.ts';
import type { Id } from '../../platform/ids.ts';
import type { Application } from '../../directory/applications/application.ts';
import type { User } from '../../directory/users/user.ts';
import { scopesOfRoles } from './administrator.ts';

/** What a change needs of the actor who makes it. */
export interface Need {
  /** The field of a request, or the column of a row, that asks for it. */
  field: string;
  /** Scopes of the admin API. */
  scopes: string[];
}

/** As much of a user as says what they can do. */
export type UserRights = Pick<User, 'kind' | 'adminRoles' | 'adminScope'>;

/** As much of a user as decides who may write them. */
export interface UserState extends UserRights, Pick<User, 'ownerOf'> {
  groupIds: Id[];
}

type ApplicationState = Pick<Application, 'adminScopes'>;

const ADMINISTRATORS = 'administrators:write';
const GROUPS = 'groups:write';

/** Settings that let others do something unless they are `off`; the other settings take `settings:write` alone. */
const SETTINGS: Record<string, { off: string; scopes: string[] }> = {
  // It lets users create users.
  COHORT_SELF_REGISTRATION: { off: 'closed', scopes: ['users:write'] },
};

export type Policy = ReturnType<typeof createPolicy>;

/**
 * Who may change what. One rule: nobody grants what they do not have. It holds for every way in which something is
 * changed: the admin API, the console, jobs, imports and dynamic registration all ask here. What an admin scope adds to it
 * is in `limits.ts`.
 */
export function createPolicy({ knownScopes }: { knownScopes(): string[] }) {
  const rolesOf = (user: UserRights | undefined): string[] =>
    user?.kind === 'administrator' ? [...scopesOfRoles(user, knownScopes())] : [];

  /** What an actor can do who signs in as this user. Nothing for customers: what they do is in other applications. */
  const powersOfUser = (user: UserRights): string[] =>
    user.kind === 'administrator' ? [ADMINISTRATORS, ...rolesOf(user)] : [];

  /** What an actor can do who has the secret or a key of this application. A scope that is gone is no power. */
  const powersOfApplication = ({ adminScopes }: ApplicationState): string[] => {
    const known = new Set(knownScopes());
    return adminScopes.filter((scope) => known.has(scope));
  };

  /** To change a user in any way, to sign them out or to delete them takes all that they can do. */
  const changeUser = (user: UserRights): Need[] => [{ field: 'kind', scopes: powersOfUser(user) }];

  /**
   * To create or rewrite a user takes all that they can do before and after; groups that they join or leave, and groups
   * that they begin or cease to own, take the scope for groups. An administrator with an admin scope may create a user into
   * its groups, because elsewhere they may create none.
   */
  function writeUser({ adminScope }: Actor, before: UserState | undefined, after: UserState): Need[] {
    const isAdministrator = [before, after].some((user) => user?.kind === 'administrator');
    const joins = differs(before?.groupIds ?? [], after.groupIds) && !(adminScope && !before);
    const owns = differs(before?.ownerOf ?? [], after.ownerOf);
    return [
      { field: 'username', scopes: ['users:write'] },
      { field: 'kind', scopes: isAdministrator ? [ADMINISTRATORS] : [] },
      { field: 'admin_roles', scopes: [...rolesOf(before), ...rolesOf(after)] },
      { field: 'groups', scopes: joins ? [GROUPS] : [] },
      { field: 'owner_of', scopes: owns ? [GROUPS] : [] },
    ];
  }

  /** To say what an administrator may do takes all of it, of what they could do before too. */
  const setAdminRoles = (before: UserRights, after: Pick<UserRights, 'adminRoles' | 'adminScope'>): Need[] => [
    ...changeUser(before),
    { field: 'admin_roles', scopes: rolesOf({ ...before, ...after }) },
  ];

  /** To change an application in any way, its secret and its keys included, takes every scope that it has. */
  const changeApplication = (application: ApplicationState): Need[] => [
    { field: 'client_id', scopes: powersOfApplication(application) },
  ];

  /** To create or rewrite an application takes the scopes that it has before and after. */
  const writeApplication = (before: ApplicationState | undefined, after: ApplicationState | undefined): Need[] => [
    { field: 'client_id', scopes: ['applications:write', ...(before ? powersOfApplication(before) : [])] },
    { field: 'scopes', scopes: after ? powersOfApplication(after) : [] },
  ];

  /** Groups are the same to everyone who may change groups, and so are roles. */
  const writeGroup = (): Need[] => [{ field: 'name', scopes: [GROUPS] }];
  const writeRole = (): Need[] => [{ field: 'name', scopes: ['roles:write'] }];

  const changeSettings = (wanted: Record<string, string | null | undefined>): Need[] =>
    Object.entries(wanted).flatMap(([field, value]) => {
      const { [field]: granting } = SETTINGS;
      // Null is the default, which grants nothing.
      return granting && value != null && value !== granting.off ? [{ field, scopes: granting.scopes }] : [];
    });

  return {
    powersOfUser,
    powersOfApplication,
    changeUser,
    writeUser,
    setAdminRoles,
    changeApplication,
    writeApplication,
    writeGroup,
    writeRole,
    changeSettings,
  };
}

/** Of these needs, those that the actor does not meet, each with the scopes that are lacking and none twice. */
export function lacking(actor: Actor, needs: Need[]): Need[] {
  const named = new Set<string>();
  return needs.flatMap(({ field, scopes }) => {
    const missing = [...new Set(scopes)].filter((scope) => !holds(actor, scope) && !named.has(scope));
    for (const scope of missing) named.add(scope);
    return missing.length > 0 ? [{ field, scopes: missing }] : [];
  });
}

/** @throws InsufficientScope naming every scope that is lacking */
export const assertMeets = (actor: Actor, needs: Need[]): void =>
  requireScopes(actor, [...new Set(needs.flatMap(({ scopes }) => scopes))]);

/** Whether an administrator with these scopes may change this user; for pages, which know no more of the user. */
export const mayChangeUser = (can: (scope: string) => boolean, { kind }: Pick<User, 'kind'>): boolean =>
  kind !== 'administrator' || can(ADMINISTRATORS);

function differs(a: readonly Id[], b: readonly Id[]): boolean {
  return new Set([...a, ...b]).size !== new Set(a).size || new Set(a).size !== new Set(b).size;
}
