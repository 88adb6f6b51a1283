import type { Fault } from '../../platform/errors.ts';
import { NAME_FAULTS } from '../../platform/names.ts';
import {
  applicationNameShape,
  InvalidApplication,
  NoSecret,
  type Application,
  type ClientMetadata,
} from './application.ts';
import { faultOfRedirectUri, privateNetworkFault, sentenceOf } from './redirect-uri.ts';
import type { Reserved } from './reserved.ts';

/** What the operator allows of URIs. */
export interface UriRules {
  /** http redirect URIs to private networks, for web applications. */
  privateHttp: boolean;
}

const FIELDS = ['redirect_uris', 'post_logout_redirect_uris'];

/** Refuses what cannot work for this type of application now, rather than at the first sign-in. */
export function assertWorkable(
  { type, metadata, adminScopes }: Application,
  rules: UriRules,
  before?: Pick<Application, 'metadata'>,
): void {
  const redirects = strings(metadata['redirect_uris']);
  const faults: Fault[] = [];
  const fault = (field: string, detail: string) => faults.push({ pointer: `#/${field}`, detail });
  if (type === 'service' && redirects.length > 0)
    fault('redirect_uris', 'must be empty for a service, because services do not sign users in');
  if (type !== 'service' && redirects.length === 0)
    fault('redirect_uris', 'must contain at least one URI for this type of application');
  const isPublic = metadata['token_endpoint_auth_method'] === 'none';
  if (isPublic !== (type === 'spa' || type === 'native'))
    fault(
      'token_endpoint_auth_method',
      isPublic ? 'must not be none for this type of application' : 'must be none for this type of application',
    );
  if (type !== 'service' && adminScopes.length > 0)
    fault('scopes', 'must be empty unless the application is a service');
  const isAllowed = rules.privateHttp && type !== 'native';
  for (const { uri, pointer } of privateUris(metadata)) {
    // What was allowed once does not keep an application from being changed.
    if (!isAllowed && !privateUris(before?.metadata ?? {}).some((known) => known.uri === uri))
      faults.push({ pointer, detail: sentenceOf('private_network', uri) });
  }
  if (type === 'web' || type === 'spa') {
    for (const field of FIELDS) {
      strings(metadata[field]).forEach((uri, index) => {
        if (!/^https?:/i.test(uri))
          fault(`${field}/${index}`, 'must be an http or https URL for this type of application');
      });
    }
  }
  if (faults.length > 0) throw InvalidApplication({ faults });
}

/** The rules for redirect URIs, also for dynamically registered applications. */
export function assertUsableUris(metadata: ClientMetadata, rules: UriRules): void {
  for (const field of FIELDS) {
    strings(metadata[field]).forEach((uri, index) => {
      const isPrivate = !rules.privateHttp && privateNetworkFault(uri);
      const detail = isPrivate ? sentenceOf(isPrivate, uri) : faultOfRedirectUri(uri);
      if (detail)
        throw InvalidApplication({
          detail: `${field}: ${uri} ${detail}.`,
          faults: [{ pointer: `#/${field}/${index}`, detail }],
        });
    });
  }
}

/** The name of an application, by the rules of the API, also for dynamically registered applications. @throws InvalidApplication */
export function parseName(reserved: Reserved, name: unknown, field: string): string {
  const parsed = applicationNameShape.safeParse(name);
  if (parsed.success && !reserved.isName(parsed.data)) return parsed.data;
  const details = parsed.success ? [NAME_FAULTS.own_name] : parsed.error.issues.map(({ message }) => message);
  const faults = details.map((detail) => ({ pointer: `#/${field}`, detail }));
  throw InvalidApplication({ detail: `${field}: ${details.join('; ')}.`, faults });
}

/** Where a sentence of the provider about metadata points: it begins with the name of the field, if it is about one. */
export function faultOfMetadata(sentence: string): Fault {
  const [, field = '', rest = ''] = /^([a-z_]+) (.+)$/s.exec(sentence) ?? [];
  const isField = field.includes('_') || field === 'jwks';
  return isField ? { pointer: `#/${field}`, detail: rest } : { pointer: '#', detail: sentence };
}
const privateUris = (metadata: Application['metadata']) =>
  FIELDS.flatMap((field) =>
    strings(metadata[field]).flatMap((uri, index) =>
      privateNetworkFault(uri) ? [{ uri, pointer: `#/${field}/${index}` }] : [],
    ),
  );

const strings = (value: unknown) => (Array.isArray(value) ? (value as string[]) : []);

/** RFC 7591, section 2: `none` is a public client; of the others, only those with a secret have one. */
export function noSecret({ metadata: { token_endpoint_auth_method: method } }: Application) {
  if (method === 'none') return NoSecret({ detail: 'Public clients have no client secret.' });
  return NoSecret({ detail: `The application authenticates with ${String(method)}, without a client secret.` });
}
