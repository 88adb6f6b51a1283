import type { Actor } from '../../platform/actor.ts';
import type { Id } from '../../platform/ids.ts';
import type { Application } from '../../directory/applications/application.ts';
import type { AdminRole } from '../../directory/users/admin-role.ts';
import type { Person } from '../../directory/users/user.ts';
import type { ApiRequest } from './api-request.ts';
import type { Limits } from './admin-scope-rules.ts';
import { assertMeets, type Need, type Policy, type UserState } from './policy.ts';

export interface AuthorityOptions {
  policy: Policy;
  limits: Limits;
  findPerson(id: Id): Promise<Person | undefined>;
  findApplication(clientId: string): Promise<Application | undefined>;
}

/** The things that the path of a call names, as they are. */
interface Named {
  user: Person | undefined;
  application: Application | undefined;
}

interface NewUserBody {
  kind?: Person['kind'];
  admin_roles?: AdminRole[];
  admin_group_ids?: Id[] | null;
  group_ids?: Id[];
}

/**
 * What the scope of an endpoint does not say yet, for `/v1` and the console alike: it asks the policy. Whatever a path
 * names is touched by every call but a GET; what a body makes of it is said here, endpoint by endpoint.
 */
export function createAuthority({ policy, limits, findPerson, findApplication }: AuthorityOptions) {
  const ofBody: Record<string, (actor: Actor, body: never, named: Named) => Need[]> = {
    'post /v1/users': (actor, body: NewUserBody) => policy.writeUser(actor, undefined, toUserState(body)),
    'post /v1/bulk/users': (actor, { users = [] }: { users?: NewUserBody[] }) =>
      users.flatMap((each) => policy.writeUser(actor, undefined, toUserState(each))),
    'put /v1/users/{user_id}/administration': (
      _actor,
      { roles = [], group_ids: limitedTo }: { roles?: AdminRole[]; group_ids?: Id[] | null },
      { user },
    ) => (user ? policy.setAdminRoles(user, { adminRoles: roles, limitedTo: limitedTo ?? undefined }) : []),
    'post /v1/applications': (_actor, { scopes = [] }: { scopes?: string[] }) =>
      policy.writeApplication(undefined, { adminScopes: scopes }),
    'patch /v1/applications/{client_id}': (_actor, { scopes }: { scopes?: string[] }, { application }) =>
      policy.writeApplication(application, scopes ? { adminScopes: scopes } : application),
    'patch /v1/settings': (_actor, body: Record<string, string | null>) => policy.changeSettings(body),
  };

  /** @throws InsufficientScope, and for who is limited to some groups OutOfReach, UserNotFound, GroupNotFound */
  async function authorize(actor: Actor, request: ApiRequest): Promise<void> {
    if (actor.limitedTo) await limits.authorize(actor, request);
    if (request.method !== 'get') assertMeets(actor, await needsOf(actor, request));
  }

  async function needsOf(actor: Actor, { method, path, params, body }: ApiRequest): Promise<Need[]> {
    const { user_id: userId, client_id: clientId } = params as { user_id?: Id; client_id?: string };
    const user = userId ? await findPerson(userId) : undefined;
    const application = clientId ? await findApplication(clientId) : undefined;
    // A cast, because each of them takes what its endpoint's own shape parsed.
    const more = ofBody[`${method} ${path}`]?.(actor, (body ?? {}) as never, { user, application }) ?? [];
    return [
      ...(user ? policy.changeUser(user) : []),
      ...(application ? policy.changeApplication(application) : []),
      ...more,
    ];
  }

  return { authorize };
}

const toUserState = (body: NewUserBody): UserState => ({
  kind: body.kind ?? 'customer',
  adminRoles: body.admin_roles ?? [],
  limitedTo: body.admin_group_ids ?? undefined,
  memberships: (body.group_ids ?? []).map((group) => ({ group })),
  ownerOf: [],
});
