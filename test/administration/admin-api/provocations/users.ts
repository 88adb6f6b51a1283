import { system } from '../../../../src/platform/actor.ts';
import { giveUser, type TestApp } from '../../../support/app.ts';
import { NOBODY } from '../good-bodies.ts';
import {
  at,
  newAdministratorId,
  newEmail,
  newUserId,
  onlyOwnerId,
  withBody,
  type Provocation,
  type Provocations,
} from './provocation.ts';

const LIMITED_OWNER = { kind: 'administrator', admin_roles: ['owner'], admin_scope: { group_ids: [NOBODY] } };

const nobodyAt = (rest = '') => ({ user_not_found: at(`/v1/users/${NOBODY}${rest}`) });
const administratorAt =
  (rest: string, body?: object): Provocation =>
  async (test) => ({ path: `/v1/users/${await newAdministratorId(test)}${rest}`, ...(body ? { body } : {}) });
const onlyOwnerAt =
  (rest: string): Provocation =>
  async (test) => ({ path: `/v1/users/${await onlyOwnerId(test)}${rest}` });

async function formerlyInvitedId({ app }: TestApp): Promise<string> {
  const user = { username: newEmail(), first_name: '', last_name: '', custom_data: {}, kind: 'customer' } as const;
  const { invitations } = app;
  const { id } = await invitations.createInvited(system, user);
  await invitations.revoke(system, id);
  return id;
}

/** What the creation of a user is refused for, alone or as one of many. */
const creation = (bodyOf: (user: object) => object): Record<string, Provocation> => ({
  unknown_group: withBody(bodyOf({ username: 'new@example.com', group_ids: [NOBODY] })),
  only_customers_can_be_members: withBody(
    bodyOf({ username: 'new@example.com', kind: 'administrator', group_ids: [NOBODY] }),
  ),
  only_administrators_have_admin_roles: withBody(bodyOf({ username: 'new@example.com', admin_roles: ['owner'] })),
  role_cannot_be_limited: withBody(bodyOf({ username: 'new@example.com', ...LIMITED_OWNER })),
});

export const users: Provocations = {
  'get /v1/users/{user_id}/groups/{group_id}/history': {
    user_not_found: at(`/v1/users/${NOBODY}/groups/${NOBODY}/history`),
  },
  'post /v1/users': {
    ...creation((user) => user),
    username_taken: async (test) => {
      const { username } = await giveUser(test, newEmail());
      return { body: { username: username.toUpperCase() } };
    },
    weak_password: withBody({ username: 'weak@example.com', temporary_password: 'weak' }),
  },
  'post /v1/bulk/users': creation((user) => ({ users: [user] })),
  'get /v1/users': { unsupported_search: at('/v1/users?q=ada&sort=name') },
  'get /v1/users/{user_id}': nobodyAt(),
  'patch /v1/users/{user_id}': {
    ...nobodyAt(),
    username_never_changes: async (test) => ({
      path: `/v1/users/${await newUserId(test)}`,
      body: { username: 'other@example.com' },
    }),
  },
  'delete /v1/users/{user_id}': { ...nobodyAt(), last_administrator: onlyOwnerAt('') },
  'post /v1/users/{user_id}/disable': { ...nobodyAt('/disable'), last_administrator: onlyOwnerAt('/disable') },
  'post /v1/users/{user_id}/enable': nobodyAt('/enable'),
  'put /v1/users/{user_id}/password': {
    ...nobodyAt('/password'),
    weak_password: async (test) => ({
      path: `/v1/users/${await newUserId(test)}/password`,
      body: { temporary_password: 'password' },
    }),
  },
  'get /v1/users/{user_id}/lock': nobodyAt('/lock'),
  'delete /v1/users/{user_id}/lock': nobodyAt('/lock'),
  ...groupsOfUsers(),
  ...factors(),
  ...administration(),
  ...sessions(),
  ...invitations(),
};

function groupsOfUsers(): Provocations {
  return {
    'get /v1/users/{user_id}/groups': nobodyAt('/groups'),
    'get /v1/users/{user_id}/effective-groups': nobodyAt('/effective-groups'),
    'get /v1/users/{user_id}/effective-roles': nobodyAt('/effective-roles'),
    'put /v1/users/{user_id}/groups': {
      ...nobodyAt('/groups'),
      unknown_group: async (test) => ({
        path: `/v1/users/${await newUserId(test)}/groups`,
        body: { group_ids: [NOBODY] },
      }),
      only_customers_can_be_members: administratorAt('/groups', { group_ids: [NOBODY] }),
    },
  };
}

function factors(): Provocations {
  const one = { ...nobodyAt('/factors/totp'), factor_not_found: administratorAt('/factors/totp') };
  return {
    'get /v1/users/{user_id}/factors': nobodyAt('/factors'),
    'delete /v1/users/{user_id}/factors': nobodyAt('/factors'),
    'get /v1/users/{user_id}/factors/{factor_id}': one,
    'delete /v1/users/{user_id}/factors/{factor_id}': one,
  };
}

function administration(): Provocations {
  return {
    'get /v1/users/{user_id}/admin-roles': nobodyAt('/admin-roles'),
    'put /v1/users/{user_id}/admin-roles': {
      ...nobodyAt('/admin-roles'),
      only_administrators_have_admin_roles: async (test) => ({
        path: `/v1/users/${await newUserId(test)}/admin-roles`,
      }),
      last_administrator: onlyOwnerAt('/admin-roles'),
      role_cannot_be_limited: administratorAt('/admin-roles', {
        roles: ['owner'],
        admin_scope: { group_ids: [NOBODY] },
      }),
      unknown_group: administratorAt('/admin-roles', { roles: ['users'], admin_scope: { group_ids: [NOBODY] } }),
    },
  };
}

function sessions(): Provocations {
  return {
    'get /v1/users/{user_id}/sessions': nobodyAt('/sessions'),
    'delete /v1/users/{user_id}/sessions': nobodyAt('/sessions'),
    'get /v1/users/{user_id}/residual-access': nobodyAt('/residual-access'),
    'delete /v1/users/{user_id}/residual-access': nobodyAt('/residual-access'),
    'delete /v1/users/{user_id}/sessions/{session_id}': {
      ...nobodyAt(`/sessions/${NOBODY}`),
      session_not_found: administratorAt(`/sessions/${NOBODY}`),
    },
    'get /v1/users/{user_id}/applications': nobodyAt('/applications'),
    'delete /v1/users/{user_id}/applications/{client_id}': {
      ...nobodyAt(`/applications/${NOBODY}`),
      not_connected: administratorAt(`/applications/${NOBODY}`),
    },
  };
}

function invitations(): Provocations {
  return {
    'get /v1/users/{user_id}/invitation': {
      ...nobodyAt('/invitation'),
      invitation_not_found: administratorAt('/invitation'),
    },
    'post /v1/users/{user_id}/invitation': {
      ...nobodyAt('/invitation'),
      not_invitable: administratorAt('/invitation'),
    },
    'delete /v1/users/{user_id}/invitation': {
      ...nobodyAt('/invitation'),
      invitation_not_found: administratorAt('/invitation'),
      invitation_closed: async (test) => ({ path: `/v1/users/${await formerlyInvitedId(test)}/invitation` }),
    },
  };
}
