import type { Id } from '../../platform/ids.ts';
import type { Page, PageRequest } from '../../platform/paging.ts';
import type { Administration } from './admin-role.ts';
import type { MemberCriteria, UserCriteria } from './user-search.ts';
import type { UserAttributes } from './attribute-shapes.ts';
import type { Kind, User, Status, UserChange } from './user.ts';

/** With all attributes as they are afterwards, if any of them changes. */
export type StoredChange = Omit<UserChange, keyof UserAttributes> & { status?: Status; attributes?: UserAttributes };

/** The stored users. */
export interface UserStore {
  insert(user: User, passwordHash?: string): Promise<'inserted' | 'duplicate'>;
  /** All of them; a username that is taken fails the whole. */
  insertMany(people: { user: User; passwordHash?: string | undefined }[]): Promise<void>;
  find(id: Id): Promise<User | undefined>;
  findByUsername(username: string): Promise<User | undefined>;
  findMany(ids: Id[]): Promise<User[]>;
  findManyByUsername(usernames: string[]): Promise<User[]>;
  search(criteria: UserCriteria, page: PageRequest): Promise<Page<User>>;
  /** The same search in one group. Of the memberships of each user, who may have thousands, only the one in it is read. */
  searchMembers(criteria: MemberCriteria, page: PageRequest): Promise<Page<User>>;
  /** The same search, for callers who only need the IDs. */
  select(criteria: UserCriteria, page: PageRequest): Promise<Page<Id>>;
  update(id: Id, change: StoredChange, at: Date): Promise<User | undefined>;
  setAdministration(id: Id, administration: Administration, at: Date): Promise<User | undefined>;
  disableMany(ids: Id[], at: Date): Promise<void>;
  /** Moves *proofs valid since* of these users; disabling them does it too. Joins the caller's transaction. */
  endProofs(ids: Id[]): Promise<void>;
  /** Those who have no password yet become invited, the others active. */
  enableMany(ids: Id[], at: Date): Promise<void>;
  /** Stored in a moment. */
  noteSignIn(id: Id, at: Date): void;
  remove(id: Id): Promise<User | undefined>;
  hasPassword(id: Id): Promise<boolean>;
  /** The administrators who are limited to this group, with others or alone; by address, at most so many. */
  withAdminScope(groupId: Id, limit: number): Promise<User[]>;
  /** In a transaction: makes it the only one that may change who is an administrator, so that a count stays true. */
  lockAdministrators(): Promise<void>;
  count(filter: { kind?: Kind; status?: Status; adminRole?: Administration['adminRoles'][number] }): Promise<number>;
}
