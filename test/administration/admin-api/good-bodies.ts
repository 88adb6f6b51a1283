/** The id of nothing. */
export const NOBODY = 'ffffffffffffffff';

/** A body that each endpoint takes, so that a refusal has one cause. */
export const GOOD_BODIES: Record<string, object> = {
  'post /v1/users': { username: 'new@example.com' },
  'patch /v1/users/{user_id}': { first_name: 'New' },
  'put /v1/users/{user_id}/password': { temporary_password: 'Wander#2026' },
  'put /v1/users/{user_id}/admin-roles': { roles: ['auditor'] },
  'put /v1/applications/{client_id}/access': { access: 'everyone' },
  'put /v1/applications/{client_id}/signals': { on_access_lost: 'sign_out' },
  'put /v1/applications/{client_id}/claim-policy': { claim: 'teams' },
  'post /v1/bulk/users': { users: [{ username: 'new@example.com' }] },
  'put /v1/users/{user_id}/groups': { group_ids: [] },
  'post /v1/jobs': { kind: 'disable', select: { user_ids: [NOBODY] } },
  'patch /v1/settings': { COHORT_BRAND_NAME: 'Flying club' },
  'post /v1/mail/test': { to: 'ada@example.com' },
  'post /v1/groups': { name: 'New group' },
  'patch /v1/groups/{group_id}': { description: 'New' },
  'post /v1/groups/{group_id}/members': { user_ids: [NOBODY] },
  'patch /v1/groups/{group_id}/members/{user_id}': { until: 4_102_444_800 },
  'delete /v1/groups/{group_id}/members': { user_ids: [NOBODY] },
  'post /v1/roles': { name: 'new role' },
  'post /v1/webhooks': { url: 'https://hooks.example.com/' },
  'patch /v1/webhooks/{webhook_id}': { description: 'New' },
  'patch /v1/roles/{role_id}': { description: 'New' },
  'post /v1/applications': { name: 'New', redirect_uris: ['https://new.example.com/callback'] },
  'patch /v1/applications/{client_id}': { name: 'New' },
};
