import { giveApplication, type TestApp } from '../../../support/app.ts';
import { NOBODY } from '../good-bodies.ts';
import { at, newServiceId, newUserId, withBody, type Provocation, type Provocations } from './provocation.ts';

const nobodyAt = (rest = '') => ({ application_not_found: at(`/v1/applications/${NOBODY}${rest}`) });
const serviceAt =
  (rest: string, body?: object): Provocation =>
  async (test) => ({ path: `/v1/applications/${await newServiceId(test)}${rest}`, ...(body ? { body } : {}) });
const publicClientAt =
  (rest: string, body?: object): Provocation =>
  async (test) => ({ path: `/v1/applications/${await newPublicClientId(test)}${rest}`, ...(body ? { body } : {}) });

const newPublicClientId = async (test: TestApp) =>
  (await giveApplication(test, { type: 'native', redirectUri: 'com.example.app:/callback' })).id;

const previewWith =
  (query: string): Provocation =>
  async (test) => ({
    path: `/v1/applications/${await newPublicClientId(test)}/claims/${await newUserId(test)}?${query}`,
  });

const previewOfUserWith =
  (query: string): Provocation =>
  async (test) => ({
    path: `/v1/users/${await newUserId(test)}/claims?application_id=${await newPublicClientId(test)}&${query}`,
  });

export const applications: Provocations = {
  'get /v1/applications': { unsupported_search: at('/v1/applications?q=crew&sort=-created_at') },
  'post /v1/applications': {
    client_id_taken: async (test) => ({
      body: { name: 'Twice', client_id: await newServiceId(test), redirect_uris: ['https://a.example.com/'] },
    }),
    unknown_scope: withBody({ name: 'Greedy', type: 'service', scopes: ['everything'] }),
    invalid_application: withBody({ name: 'Nowhere', type: 'web' }),
  },
  'get /v1/applications/{client_id}': nobodyAt(),
  'patch /v1/applications/{client_id}': {
    ...nobodyAt(),
    unknown_scope: serviceAt('', { scopes: ['everything'] }),
    invalid_application: serviceAt('', { redirect_uris: ['https://a.example.com/'] }),
  },
  'delete /v1/applications/{client_id}': nobodyAt(),
  'post /v1/applications/{client_id}/secret': { ...nobodyAt('/secret'), no_secret: publicClientAt('/secret') },
  'get /v1/applications/{client_id}/claims/{user_id}': {
    ...nobodyAt(`/claims/${NOBODY}`),
    user_not_found: publicClientAt(`/claims/${NOBODY}`),
    not_a_sign_in_client: serviceAt(`/claims/${NOBODY}`),
    group_not_found: previewWith(`group_id=${NOBODY}`),
    unknown_resource: previewWith('resource=https://unknown.example.com'),
  },
  'get /v1/users/{user_id}/claims': {
    application_not_found: at(`/v1/users/${NOBODY}/claims?application_id=${NOBODY}`),
    user_not_found: async (test) => ({
      path: `/v1/users/${NOBODY}/claims?application_id=${await newPublicClientId(test)}`,
    }),
    not_a_sign_in_client: async (test) => ({
      path: `/v1/users/${NOBODY}/claims?application_id=${await newServiceId(test)}`,
    }),
    group_not_found: previewOfUserWith(`group_id=${NOBODY}`),
    unknown_resource: previewOfUserWith('resource=https://unknown.example.com'),
  },
  'get /v1/applications/{client_id}/claim-policy': {
    ...nobodyAt('/claim-policy'),
    not_a_sign_in_client: serviceAt('/claim-policy'),
  },
  'get /v1/applications/{client_id}/access': { ...nobodyAt('/access'), not_a_sign_in_client: serviceAt('/access') },
  'put /v1/applications/{client_id}/access': {
    ...nobodyAt('/access'),
    not_a_sign_in_client: serviceAt('/access', { access: 'everyone' }),
    unknown_group: publicClientAt('/access', { access: 'groups', group_ids: [NOBODY] }),
  },
  'get /v1/applications/{client_id}/signals': { ...nobodyAt('/signals'), not_a_sign_in_client: serviceAt('/signals') },
  'put /v1/applications/{client_id}/signals': {
    ...nobodyAt('/signals'),
    not_a_sign_in_client: serviceAt('/signals', { on_access_lost: 'nothing' }),
    invalid_application: publicClientAt('/signals', { shared_signals: true }),
  },
  'get /v1/applications/{client_id}/signals/streams': nobodyAt('/signals/streams'),
  'delete /v1/applications/{client_id}/signals/streams/{stream_id}': {
    ...nobodyAt(`/signals/streams/${NOBODY}`),
    stream_not_found: publicClientAt(`/signals/streams/${NOBODY}`),
  },
  'get /v1/applications/{client_id}/signals/events': nobodyAt('/signals/events'),
  'get /v1/applications/{client_id}/access/users': {
    ...nobodyAt('/access/users'),
    not_a_sign_in_client: serviceAt('/access/users'),
  },
  'get /v1/applications/{client_id}/access/users/{user_id}': {
    ...nobodyAt(`/access/users/${NOBODY}`),
    not_a_sign_in_client: serviceAt(`/access/users/${NOBODY}`),
    user_not_found: publicClientAt(`/access/users/${NOBODY}`),
  },
  'put /v1/applications/{client_id}/claim-policy': {
    ...nobodyAt('/claim-policy'),
    not_a_sign_in_client: serviceAt('/claim-policy', {}),
    invalid_application: publicClientAt('/claim-policy', { strip_prefix: true }),
    unknown_group: publicClientAt('/claim-policy', { group_ids: [NOBODY] }),
  },
};
