import type { Actor } from '../platform/actor.ts';
import type { Id } from '../platform/ids.ts';
import type { Application } from './applications/application.ts';
import type { Group } from './groups/group.ts';
import type { UserCriteria } from './users/user-search.ts';
import type { User } from './users/user.ts';

/**
 * Who may see and change what, beyond the scope that an endpoint requires. `administration/admin-roles` decides; endpoints
 * and services ask.
 */
declare module '../platform/http/authorization.ts' {
  interface Access extends Visibility, Permissions {
    /** Whether an actor may change this user. */
    mayChange(actor: Actor, user: User): boolean;
    /** Whether an actor may make this of that; `undefined` is no application. @throws InsufficientScope */
    assertMayWrite(actor: Actor, before: Application | undefined, after: Application | undefined): void;
  }
}

/** What an actor sees. */
export interface Visibility {
  /** Of these groups, those within the actor's admin scope. A deleted group never is. */
  groupsInScope(actor: Actor, ids: readonly Id[]): Promise<Set<Id>>;
  /** All groups of the admin scope; undefined without one, and where `inGroup` is enough of a limit. @throws UnsupportedSearch */
  scopeGroups(actor: Actor, inGroup?: Id): Promise<Id[] | undefined>;
  /** The same search, limited to users that the actor may see. @throws UnsupportedSearch */
  visibleUsers(actor: Actor, criteria: UserCriteria): Promise<UserCriteria>;
  /** Of these groups, those that the actor may see. */
  visibleGroups(actor: Actor, groups: Group[]): Promise<Group[]>;
  /** The roles that the actor may see; undefined for all of them. */
  visibleRoles(actor: Actor): Promise<ReadonlySet<Id> | undefined>;
}

/** As much of a new user as decides who may create them. */
export interface NewUserRights {
  kind?: User['kind'] | undefined;
  admin_roles?: User['adminRoles'] | undefined;
  admin_scope?: { group_ids: Id[] } | null | undefined;
  group_ids?: Id[] | undefined;
}

export interface CreationRules {
  /** Where a refusal of one of the users points. */
  pointerOf(index: number): string;
  /** Their groups are chosen later, so they may have none yet. */
  isPlacedLater?: boolean;
}

/** Where a group is or goes, and what it gives to its members. */
export interface GroupRights {
  parent_id?: Id | null | undefined;
  role_ids?: Id[] | undefined;
}

/**
 * What an actor may do with one call. Each resolves when they may; otherwise it throws OutsideAdminScope or
 * InsufficientScope, or UserNotFound, GroupNotFound, RoleNotFound for what they may not know of.
 */
export interface Permissions {
  seeUser(actor: Actor, id: Id): Promise<void>;
  /** Changing a user changes them for all of their groups, and takes all that they can do. */
  changeUser(actor: Actor, id: Id): Promise<void>;
  createUsers(actor: Actor, users: NewUserRights[], how: CreationRules): Promise<void>;
  /** `groupIds` are the groups that the user is to be in. */
  setGroupsOfUser(actor: Actor, id: Id, groupIds: Id[]): Promise<void>;
  setAdminRoles(actor: Actor, id: Id, rights: Pick<User, 'adminRoles' | 'adminScope'>): Promise<void>;
  seeGroup(actor: Actor, id: Id): Promise<void>;
  createGroup(actor: Actor, rights: GroupRights): Promise<void>;
  changeGroup(actor: Actor, id: Id, rights: GroupRights): Promise<void>;
  deleteGroup(actor: Actor, id: Id): Promise<void>;
  /** To remove a user from a group, as a member or as an owner. */
  removeFromGroup(actor: Actor, groupId: Id, userId: Id): Promise<void>;
  addOwner(actor: Actor, groupId: Id, userId: Id): Promise<void>;
  seeRole(actor: Actor, id: Id): Promise<void>;
  createApplication(actor: Actor, scopes: string[]): Promise<void>;
  /** `scopes` are those that the application is to have; absent where they stay. */
  changeApplication(actor: Actor, id: string, scopes?: string[]): Promise<void>;
  disconnect(actor: Actor, userId: Id, clientId: string): Promise<void>;
  changeSettings(actor: Actor, settings: Record<string, string | null | undefined>): Promise<void>;
}
