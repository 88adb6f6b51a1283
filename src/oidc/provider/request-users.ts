import { Provider } from 'oidc-provider';
import type { User } from '../../directory/users/user.ts';

/** The user with this ID. */
export type FindUser = (id: string) => Promise<User | undefined>;

/** Reads a user once for each protocol request, however many of its parts ask; outside of one, every time. */
export function createFindUser(find: FindUser): FindUser {
  const known = new WeakMap<object, Map<string, Promise<User | undefined>>>();

  return (id) => {
    const { ctx } = Provider;
    if (!ctx) return find(id);
    const ofRequest = known.get(ctx) ?? new Map<string, Promise<User | undefined>>();
    known.set(ctx, ofRequest);
    const found = ofRequest.get(id) ?? find(id);
    ofRequest.set(id, found);
    return found;
  };
}
