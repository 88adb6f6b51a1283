import type { Fault } from '../base/errors.ts';
import { InvalidApplication, type Application, type ClientMetadata } from './application.ts';
import { faultOfRedirectUri } from './redirect-uri.ts';

/** What cannot work for this type of application is refused here, not by the first person who tries to sign in. */
export function refuseUnworkable({ type, metadata, adminScopes }: Application): void {
  const redirects = strings(metadata['redirect_uris']);
  const faults: Fault[] = [];
  const fault = (field: string, detail: string) => faults.push({ pointer: `#/${field}`, detail });
  if (type === 'service' && redirects.length > 0)
    fault('redirect_uris', 'must be empty for a service, which signs nobody in');
  if (type !== 'service' && redirects.length === 0)
    fault('redirect_uris', 'must name at least one address for this type of application');
  if (type !== 'service' && adminScopes.length > 0) fault('scopes', 'are for services only');
  if (type === 'web' || type === 'spa') {
    for (const field of ['redirect_uris', 'post_logout_redirect_uris']) {
      strings(metadata[field]).forEach((uri, index) => {
        if (!/^https?:/i.test(uri))
          fault(`${field}/${index}`, 'must be an http or https address for this type of application');
      });
    }
  }
  if (faults.length > 0) throw InvalidApplication({ faults });
}

/** The rules of redirect addresses hold for what registers itself too. */
export function refuseFaultyAddresses(metadata: ClientMetadata): void {
  for (const field of ['redirect_uris', 'post_logout_redirect_uris']) {
    strings(metadata[field]).forEach((uri, index) => {
      const detail = faultOfRedirectUri(uri);
      if (detail)
        throw InvalidApplication({
          detail: `${field}: ${uri} ${detail}.`,
          faults: [{ pointer: `#/${field}/${index}`, detail }],
        });
    });
  }
}

const strings = (value: unknown) => (Array.isArray(value) ? (value as string[]) : []);
