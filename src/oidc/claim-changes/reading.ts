import type { Application } from '../../directory/applications/application.ts';
import type { User } from '../../directory/users/user.ts';
import { sha256 } from '../../platform/ids.ts';
import type { Wanted } from '../claims/distributed-claims.ts';
import type { KnownUser } from '../shared-signals/known-user.ts';

/** What an application can read about a user now. */
export interface Reading extends Pick<KnownUser, 'claims' | 'hasAccess' | 'isDisabled'> {
  /** By claim; complete. */
  values: Record<string, unknown>;
}

export interface ReadOptions {
  mayAccess(user: User, application: Application): Promise<boolean>;
  readWhole(wanted: Wanted): Promise<Record<string, unknown>>;
}

export type Read = (user: User, application: Application, scopes: string[]) => Promise<Reading>;

/** A user without access has nothing that the application could read: every list is empty. */
export function createRead({ mayAccess, readWhole }: ReadOptions): Read {
  return async (user, application, scopes) => {
    const hasAccess = await mayAccess(user, application);
    const wanted = wantedFrom(user, application, scopes);
    const readable = wanted ? await readWhole(wanted) : {};
    const values = hasAccess ? readable : Object.fromEntries(Object.keys(readable).map((name) => [name, []]));
    const claims = Object.entries(values).map(([name, value]) => ({ name, digest: sha256(JSON.stringify(value)) }));
    return { values, claims, hasAccess, isDisabled: user.status === 'disabled' };
  };
}

/** Where the application reads its claims; undefined where its claim policy lets it read none. */
export function wantedFrom(user: User, application: Application, scopes: string[]): Wanted | undefined {
  const { tokens } = application.claimPolicy;
  const use = tokens.includes('id_token') ? 'id_token' : tokens[0];
  return use && { user, application, use, scopes };
}

/** The claims that an application would read otherwise than before, by name. */
export function changedClaims(before: Pick<KnownUser, 'claims'>, after: Reading): string[] {
  const known = new Map(before.claims.map(({ name, digest }) => [name, digest]));
  const gone = before.claims.filter(({ name }) => !(name in after.values)).map(({ name }) => name);
  return [...after.claims.filter(({ name, digest }) => known.get(name) !== digest).map(({ name }) => name), ...gone];
}
