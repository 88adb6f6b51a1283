import type { Id } from '../../platform/ids.ts';

/** A user who has signed in to an application, and what it could read about them when that was last looked at. */
export interface KnownUser {
  clientId: string;
  userId: Id;
  /** As the application knows them. */
  sub: string;
  /** Those granted to the application that have claims of ours. */
  scopes: string[];
  /** A digest for each claim. */
  claims: { name: string; digest: string }[];
  hasAccess: boolean;
  isDisabled: boolean;
  /** Counts up with each change, so that of two nodes that notice something one says it. */
  version: number;
  /** When this was read, by the database's clock. What changed between the grant and then was never said. */
  readAt: Date;
  /** When the application got to know them. */
  knownAt: Date;
}

export interface KnownUserStore {
  /** Nothing if they are known. */
  insert(user: Omit<KnownUser, 'readAt'>): Promise<void>;
  /** Everything known of these users. */
  ofUsers(userIds: Id[]): Promise<KnownUser[]>;
  /** In the order of user IDs. */
  ofApplication(clientId: string, page: { after: Id; limit: number }): Promise<KnownUser[]>;
  find(clientId: string, by: { sub: string } | { userId: Id }): Promise<KnownUser | undefined>;
  /** False if someone else has changed it. Joins the caller's transaction. */
  change(before: KnownUser, after: Pick<KnownUser, 'scopes' | 'claims' | 'hasAccess' | 'isDisabled'>): Promise<boolean>;
  removeOfUser(userId: Id): Promise<void>;
  removeOfApplication(clientId: string): Promise<void>;
}
