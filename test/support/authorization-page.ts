import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import type { EndpointDescription } from '../../src/platform/http/endpoint.ts';

const source = join(import.meta.dirname, '..', '..', 'src');

/** Every endpoint that a file of endpoints exports, ordered by tag, path and method. */
export async function describedEndpoints(): Promise<EndpointDescription[]> {
  const files = readdirSync(source, { recursive: true, encoding: 'utf8' }).filter((name) => name.endsWith('.api.ts'));
  const modules = await Promise.all(
    files.map(async (name) => (await import(join(source, name))) as Record<string, unknown>),
  );
  const found = modules.flatMap((module) => Object.values(module)).filter(isDescription);
  return found.sort((a, b) => (keyOf(a) < keyOf(b) ? -1 : 1));
}

const isDescription = (value: unknown): value is EndpointDescription =>
  typeof value === 'object' && value !== null && 'handledBy' in value;

const keyOf = ({ tag, path, method }: EndpointDescription) => `${tag} ${path} ${method}`;

/** `docs/authorization.md`. */
export async function authorizationPage(): Promise<string> {
  const rows = (await describedEndpoints()).map(({ method, path, scope, authorize }) =>
    [
      `\`${method.toUpperCase()} ${path}\``,
      `\`${scope}\``,
      authorize.alsoRequires ?? '',
      authorize.withAdminScope,
    ].join(' | '),
  );
  return `# Authorization in the admin API

What each endpoint requires. The table is made from the endpoints, and a test calls each of them as every kind of caller.

- **Scope**: what the access token of a service, or the role of an administrator, must grant.
- **Also requires**: nobody grants what they do not have. Changing an administrator, for example, takes every scope that
  this administrator has.
- **With an admin scope**: what administrators may do whose roles are limited to some groups. What is outside of their
  admin scope is answered like something that does not exist.

Callers without a token, and tokens of users, are refused with 401; a token without the scope with 403.

| Endpoint | Scope | Also requires | With an admin scope |
| --- | --- | --- | --- |
${rows.map((row) => `| ${row} |`).join('\n')}
`;
}
