import type { Id } from '../../platform/ids.ts';
import type { Page, PageRequest } from '../../platform/paging.ts';
import type { ApplicationCriteria } from './application-search.ts';
import type { Application } from './application.ts';

/** The stored applications. */
export interface ApplicationStore {
  insert(application: Application): Promise<'inserted' | 'duplicate'>;
  /** Inserts what registered itself, or replaces the part of it that is its own: name, type, metadata, secret. */
  putRegistered(application: Application): Promise<'inserted' | 'replaced'>;
  find(id: string): Promise<Application | undefined>;
  search(criteria: ApplicationCriteria, page: PageRequest): Promise<Page<Application>>;
  replace(application: Application): Promise<boolean>;
  remove(id: string): Promise<Application | undefined>;
  /** Every application with a `logo_uri`. */
  withLogos(): Promise<{ id: string; uri: string }[]>;
  /** Those whose claim policy names a group, by name, at most so many. */
  withGroup(groupId: Id, limit: number): Promise<Application[]>;
  /** Those that want to know of changes, or that changes end something for. */
  withSignals(): Promise<string[]>;
  /** Those whose claim policy includes former names of groups, by name, at most so many. */
  withFormerNames(limit: number): Promise<Application[]>;
  /** Those whose claim policy included former names until then or before, at most so many. */
  withEndedFormerNames(at: Date, limit: number): Promise<Application[]>;
  /** Takes a group out of every claim policy. */
  takeGroup(groupId: Id, at: Date): Promise<void>;
}
