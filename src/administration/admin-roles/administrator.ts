import type { Actor } from '../../platform/actor.ts';
import type { AdminRole } from '../../directory/users/admin-role.ts';
import type { User } from '../../directory/users/user.ts';

const isRead = (scope: string) => scope.endsWith(':read');
const oneOf =
  (...scopes: string[]) =>
  (scope: string) =>
    scopes.includes(scope);

/** Which scopes of the admin API each administrator role comes to: the one rule for `/v1` and the console. */
const allows: Record<AdminRole, (scope: string) => boolean> = {
  owner: () => true,
  users: oneOf(
    'users:read',
    'users:write',
    'users:delete',
    'groups:read',
    'roles:read',
    'jobs:read',
    'jobs:write',
    'mail:send',
  ),
  groups: oneOf(
    'groups:read',
    'groups:write',
    'roles:read',
    'roles:write',
    'users:read',
    'applications:read',
    'jobs:read',
    'jobs:write',
  ),
  applications: oneOf('applications:read', 'applications:write', 'groups:read', 'roles:read', 'users:read'),
  support: oneOf('users:read', 'users:write', 'groups:read', 'roles:read'),
  auditor: isRead,
};

/** What can be had for certain groups only. The audit log, say, is about everybody, and jobs are. */
const ofGroups = oneOf(
  'users:read',
  'users:write',
  'users:delete',
  'groups:read',
  'groups:write',
  'roles:read',
  'applications:read',
);

/** The scopes that a user's roles grant. None for customers. */
export function scopesOfRoles(
  { kind, adminRoles, adminScope }: Pick<User, 'kind' | 'adminRoles' | 'adminScope'>,
  scopes: string[],
): Set<string> {
  if (kind !== 'administrator') return new Set();
  const reachable = adminScope ? scopes.filter(ofGroups) : scopes;
  return new Set(reachable.filter((scope) => adminRoles.some((role) => allows[role](scope))));
}

/** What an administrator may do, and where. */
export const rightsOf = (user: User, scopes: string[]): Pick<Actor, 'scopes' | 'adminScope'> => ({
  scopes: scopesOfRoles(user, scopes),
  adminScope: user.adminScope,
});
