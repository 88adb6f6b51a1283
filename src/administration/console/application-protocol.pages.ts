import { RESPONSE_TYPES, SIGNING_ALGORITHMS } from '../../../config/protocol-settings.ts';
import { getApplication, updateApplication } from '../../directory/applications/applications.api.ts';
import type { ApplicationType } from '../../directory/applications/application.ts';
import { AUTH_METHODS, DELIVERY_MODES, SUBJECT_TYPES } from '../../directory/applications/protocol-fields.ts';
import { SECURITY_PROFILES } from '../../directory/applications/security-profile.ts';
import type { BodyOf } from '../../platform/http/calls.ts';
import type { PageReply } from '../../platform/http/form-page.ts';
import type { Application } from './application-form.ts';
import { applicationPlace, applicationView, paramsOf, readApplication } from './application-frame.pages.ts';
import { beginEdit, saveEdit, type Editable, type Editing, type Form } from './editing.ts';
import { ticked } from './forms.ts';
import { doneAt, refusedView, type ConsolePage, type ConsoleVisit } from './frame.pages.ts';

type Body = BodyOf<typeof updateApplication>;

/** Fields with one value of several; an empty one is the default, or none. */
const CHOICES = {
  security_profile: SECURITY_PROFILES,
  token_endpoint_auth_method: AUTH_METHODS.filter((method) => method !== 'none'),
  id_token_signed_response_alg: SIGNING_ALGORITHMS,
  userinfo_signed_response_alg: SIGNING_ALGORITHMS,
  authorization_signed_response_alg: SIGNING_ALGORITHMS,
  introspection_signed_response_alg: SIGNING_ALGORITHMS,
  request_object_signing_alg: SIGNING_ALGORITHMS,
  subject_type: SUBJECT_TYPES,
  backchannel_token_delivery_mode: DELIVERY_MODES,
} as const;
const TEXTS = [
  ...(['jwks_uri', 'tls_client_auth_subject_dn', 'tls_client_auth_san_dns', 'tls_client_auth_san_uri'] as const),
  ...(['tls_client_auth_san_ip', 'tls_client_auth_san_email', 'sector_identifier_uri'] as const),
  'backchannel_client_notification_endpoint' as const,
];
const FLAGS = [
  ...(['dpop_bound_access_tokens', 'tls_client_certificate_bound_access_tokens'] as const),
  ...(['require_pushed_authorization_requests', 'require_signed_request_object'] as const),
];

/** The sections of the form, each with its fields in their order; a field may be only for some types of application. */
const SECTIONS: { name: string; fields: string[]; types?: ApplicationType[] }[] = [
  { name: 'profile', fields: ['security_profile'], types: ['web', 'service'] },
  {
    name: 'authentication',
    fields: ['token_endpoint_auth_method', 'jwks', 'jwks_uri', ...TEXTS.filter((name) => name.startsWith('tls_'))],
    types: ['web', 'service'],
  },
  {
    name: 'requests',
    fields: [
      'response_types',
      'require_pushed_authorization_requests',
      'require_signed_request_object',
      'request_object_signing_alg',
    ],
    types: ['web', 'spa', 'native'],
  },
  {
    name: 'responses',
    fields: [
      'id_token_signed_response_alg',
      'userinfo_signed_response_alg',
      'authorization_signed_response_alg',
      'subject_type',
      'sector_identifier_uri',
    ],
    types: ['web', 'spa', 'native'],
  },
  {
    name: 'ciba',
    fields: ['backchannel_token_delivery_mode', 'backchannel_client_notification_endpoint'],
    types: ['web'],
  },
  {
    name: 'tokens',
    fields: [
      'dpop_bound_access_tokens',
      'tls_client_certificate_bound_access_tokens',
      'introspection_signed_response_alg',
    ],
  },
];

/** What most applications leave as it is: how an application proves who it is, and how requests and responses are secured. */
export const applicationProtocolPage: ConsolePage = {
  path: '/console/applications/:client_id/protocol',
  scope: 'applications:read',
  changes: 'applications:write',
  show: async (visit) => protocolView(visit, await beginEdit(editableOf(visit))),
  submit: save,
};

const sectionsFor = (type: ApplicationType) => SECTIONS.filter(({ types }) => !types || types.includes(type));
const fieldsFor = (type: ApplicationType) => new Set(sectionsFor(type).flatMap(({ fields }) => fields));

const editableOf = (visit: ConsoleVisit): Editable<Application, Body> => ({
  read: () => visit.call(getApplication, { params: paramsOf(visit) }),
  change: (body, ifMatch) => visit.call(updateApplication, { params: paramsOf(visit), body, ifMatch }),
  toForm,
});

function toForm(application: Application): Form {
  const form: Form = {
    ...Object.fromEntries(
      Object.keys(CHOICES).map((name) => [name, String(application[name as 'subject_type'] ?? '')]),
    ),
    ...Object.fromEntries(TEXTS.map((name) => [name, application[name] ?? ''])),
    ...Object.fromEntries(FLAGS.map((name) => [name, application[name] ? 'yes' : ''])),
    response_types: application.response_types.join('\n'),
    jwks: application.jwks ? JSON.stringify(application.jwks, null, 2) : '',
  };
  const shown = fieldsFor(application.type);
  return Object.fromEntries(Object.entries(form).filter(([name]) => shown.has(name)));
}

function typedIn({ request: { fields } }: ConsoleVisit, type: ApplicationType): Form {
  const types = ticked(fields, 'response_type');
  const typed = (name: string) =>
    name === 'response_types'
      ? RESPONSE_TYPES.filter((each) => types.includes(each)).join('\n')
      : (fields[name]?.trim().replaceAll('\r\n', '\n') ?? '');
  return Object.fromEntries([...fieldsFor(type)].map((name) => [name, typed(name)]));
}

/** What a form says, as the API takes it; the API refuses what it does not know. */
function toBody(form: Form): Body {
  const values = Object.entries(form).map(([name, value]) => {
    if ((FLAGS as readonly string[]).includes(name)) return [name, value === 'yes'];
    if (name === 'response_types') return [name, value ? value.split('\n') : null];
    return [name, name === 'jwks' && value ? jsonOf(value) : value || null];
  });
  // A cast, because the call checks every value.
  return Object.fromEntries(values) as Body;
}

/** What is no JSON stays a text, which the API refuses. */
function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}

async function save(visit: ConsoleVisit): Promise<PageReply> {
  const { type, client_id: id } = await readApplication(visit);
  const typed = typedIn(visit, type);
  const left = await saveEdit(visit, editableOf(visit), { typed, body: toBody(typed) });
  return left ? protocolView(visit, left) : doneAt(applicationPlace(id, 'protocol'), 'application_saved');
}

function protocolView(visit: ConsoleVisit, editing: Editing<Application>): PageReply {
  const { thing, form, version, refusal, differences } = editing;
  const model = { form, version, differences, sections: sectionsFor(thing.type), choices: CHOICES, flags: FLAGS };
  const view = applicationView(visit, thing, 'protocol', { ...model, responseTypes: RESPONSE_TYPES });
  return refusal ? refusedView(view, refusal) : view;
}
