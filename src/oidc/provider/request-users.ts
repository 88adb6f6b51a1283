import { Provider } from 'oidc-provider';
import type { Person } from '../../directory/users/user.ts';

/** The user with this ID. */
export type FindUser = (id: string) => Promise<Person | undefined>;

/** Reads a user once for each protocol request, however many of its parts ask; outside of one, every time. */
export function createFindUser(find: FindUser): FindUser {
  const known = new WeakMap<object, Map<string, Promise<Person | undefined>>>();

  return (id) => {
    const { ctx } = Provider;
    if (!ctx) return find(id);
    const ofRequest = known.get(ctx) ?? new Map<string, Promise<Person | undefined>>();
    known.set(ctx, ofRequest);
    const found = ofRequest.get(id) ?? find(id);
    ofRequest.set(id, found);
    return found;
  };
}
