import type { PublicDocument } from '../../platform/http/documents.ts';
import { signalsAudience } from './receiver.ts';
import { POLL, PUSH } from './stream.ts';

/** SSF 1.0, section 7.1, with all that the CAEP Interoperability Profile 1.0 asks for. */
export function transmitterConfiguration(issuer: string): PublicDocument {
  const base = signalsAudience(issuer);
  const configuration = {
    spec_version: '1_0',
    issuer,
    jwks_uri: `${issuer}/jwks`,
    delivery_methods_supported: [PUSH, POLL],
    configuration_endpoint: `${base}/stream`,
    status_endpoint: `${base}/stream/status`,
    verification_endpoint: `${base}/stream/verification`,
    add_subject_endpoint: `${base}/stream/add-subject`,
    remove_subject_endpoint: `${base}/stream/remove-subject`,
    default_subjects: 'ALL',
    critical_subject_members: ['user'],
    authorization_schemes: [{ spec_urn: 'urn:ietf:rfc:6749' }],
  };
  const content = Buffer.from(JSON.stringify(configuration));
  return { type: 'application/json; charset=utf-8', content, isForAnyOrigin: false };
}
