import type { AdminRole, Person } from '../users/user.ts';

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

/** Of all scopes, those that somebody's roles come to. Nothing for customers. */
export function scopesOfRoles(
  { kind, adminRoles }: Pick<Person, 'kind' | 'adminRoles'>,
  scopes: string[],
): Set<string> {
  if (kind !== 'administrator') return new Set();
  return new Set(scopes.filter((scope) => adminRoles.some((role) => allows[role](scope))));
}
