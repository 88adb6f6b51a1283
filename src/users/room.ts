/**
 * Owns people: customers and administrators, their profiles and their life cycle.
 * Must not touch: password hashes (`credentials/`), the memberships inside a person's document (`memberships/`), and
 * sessions or tokens (`oidc/`), whose removal it is lent as a verb.
 */
import type { Room } from '../room.ts';
import { userEndpoints, type PasswordVerbs } from './users.api.ts';
import type { Users } from './users.ts';

export function usersRoom(deps: { users: Users; passwords: PasswordVerbs }): Room {
  return {
    name: 'users',
    scopes: { 'users:read': 'Read users and search them.', 'users:write': 'Create, change, disable and delete users.' },
    endpoints: userEndpoints(deps),
  };
}
