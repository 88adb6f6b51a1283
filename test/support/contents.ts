import { writeDeferred } from '../../src/platform/db/deferred-writes.mongo.ts';
import type { TestApp } from './app.ts';

const DIRECTORY = ['users', 'groups', 'roles', 'applications'];

/** What is stored in these collections, as the server's hash of each: the same before and after a call that writes nothing. */
export async function contentsOf({ app }: TestApp, collections: string[]): Promise<Record<string, string>> {
  // A sign-in just before is still being noted.
  await writeDeferred(app.database.connection);
  const reply = await app.database.connection.db!.command({ dbHash: 1, collections });
  return reply['collections'] as Record<string, string>;
}

/** The directory, and every change that was recorded in the audit log. */
export const directoryContents = (test: TestApp) => contentsOf(test, [...DIRECTORY, 'audit_events']);

/** Everything that a change could grant something by. */
export const grantingContents = (test: TestApp) => contentsOf(test, [...DIRECTORY, 'settings']);
