import { Provider } from 'oidc-provider';
import type { User } from '../../directory/users/user.ts';

/** The user with this ID: of a request of an application, as of at most a second ago. */
export interface FindUser {
  (id: string): Promise<User | undefined>;
  /** As of now. */
  afresh(id: string): Promise<User | undefined>;
}

export interface FindUserOptions {
  find(id: string): Promise<User | undefined>;
  /** As of at most a second ago. */
  findKnown(id: string): Promise<User | undefined>;
}

/**
 * Routes of the provider at which a user as of a second ago is good enough. To the others come browsers, which may have changed
 * something elsewhere a moment ago.
 */
const READING_MEMORY = new Set([
  ...['authorization', 'resume', 'device_resume'],
  ...['introspection', 'revocation', 'token', 'userinfo'],
]);

export const readsMemory = (route: string): boolean => READING_MEMORY.has(route);

/** Reads a user once for each protocol request, however many of its parts ask; outside of one, every time. */
export function createFindUser({ find, findKnown }: FindUserOptions): FindUser {
  const known = new WeakMap<object, Map<string, Promise<User | undefined>>>();

  function ofRequest(ctx: object): Map<string, Promise<User | undefined>> {
    const users = known.get(ctx) ?? new Map<string, Promise<User | undefined>>();
    known.set(ctx, users);
    return users;
  }

  function afresh(id: string): Promise<User | undefined> {
    const found = find(id);
    if (Provider.ctx) ofRequest(Provider.ctx).set(id, found);
    return found;
  }

  function findUser(id: string): Promise<User | undefined> {
    const { ctx } = Provider;
    if (!ctx) return find(id);
    const users = ofRequest(ctx);
    const found = users.get(id) ?? (readsMemory(ctx.oidc.route) ? findKnown(id) : find(id));
    users.set(id, found);
    return found;
  }

  return Object.assign(findUser, { afresh });
}
