import type { Id } from '../../platform/ids.ts';

/**
 * Users to look at one block after the other, because something changed that concerns many: those of an application, those
 * in some groups, or those whom an application gets to know from its grants.
 */
export interface Scan {
  /** One for each thing that changed. A change while it is under way has it begin again. */
  id: string;
  what:
    | { kind: 'application'; clientId: string }
    | { kind: 'grants'; clientId: string }
    | { kind: 'groups'; groupIds: Id[] };
  /** Where the next block begins; empty for the first. */
  after: string;
}

export interface ScanStore {
  /** Those that are there begin again. Joins the caller's transaction. */
  add(scans: Pick<Scan, 'id' | 'what'>[]): Promise<void>;
  next(): Promise<Scan | undefined>;
  /** Nothing if it has begun again in the meantime. */
  advance(scan: Scan, after: string): Promise<void>;
  finish(scan: Scan): Promise<void>;
  /** Of these applications, those whose users were never looked for. */
  unseeded(clientIds: string[]): Promise<string[]>;
  /** Their users are looked for again when the time comes. */
  forgetApplication(clientId: string): Promise<void>;
}

export const grantsOf = (clientId: string): Pick<Scan, 'id' | 'what'> => ({
  id: `grants:${clientId}`,
  what: { kind: 'grants', clientId },
});

export const usersOf = (clientId: string): Pick<Scan, 'id' | 'what'> => ({
  id: `application:${clientId}`,
  what: { kind: 'application', clientId },
});

export const membersOf = (changed: string, groupIds: Id[]): Pick<Scan, 'id' | 'what'> => ({
  id: changed,
  what: { kind: 'groups', groupIds },
});
