import { X509Certificate } from 'node:crypto';
import type { Context } from 'koa';
import type { Config } from '../../../config/schema.ts';

type Settings = Pick<Config, 'clientCertificateHeader' | 'clientCertificateVerifiedHeader'>;

/** Of RFC 8705, section 2.1.2. */
type SubjectField = `tls_client_auth_${'subject_dn' | 'san_dns' | 'san_uri' | 'san_ip' | 'san_email'}`;

/**
 * Mutual TLS (RFC 8705) ends at the proxy in front, which passes the client's certificate on in a header: in the form of
 * RFC 9440 (`:base64:`), or as PEM with percent-encoding, as nginx and others do. The proxy must overwrite what a
 * client sends in these headers.
 */
export function clientCertificates({
  clientCertificateHeader: header,
  clientCertificateVerifiedHeader: verifiedHeader,
}: Settings) {
  const read = (ctx: Context) => (header ? parseCertificate(ctx.get(header)) : undefined);
  return {
    enabled: header !== undefined,
    certificateBoundAccessTokens: true,
    selfSignedTlsClientAuth: true,
    // Only the proxy knows whether an authority that it trusts has signed the certificate.
    tlsClientAuth: verifiedHeader !== undefined,
    getCertificate: read,
    certificateAuthorized: (ctx: Context) => verifiedHeader !== undefined && ctx.get(verifiedHeader) === 'SUCCESS',
    certificateSubjectMatches(ctx: Context, field: SubjectField, expected: string): boolean {
      const certificate = read(ctx);
      return certificate !== undefined && matches(certificate, field, expected);
    },
  };
}

/** The headers in which the proxy says what it knows of the client's certificate. */
export const certificateHeaders = ({ clientCertificateHeader, clientCertificateVerifiedHeader }: Settings): string[] =>
  [clientCertificateHeader, clientCertificateVerifiedHeader].filter((name) => name !== undefined);

function parseCertificate(value: string): X509Certificate | undefined {
  const [, inBase64] = /^:([A-Za-z0-9+/=]+):$/.exec(value) ?? [];
  try {
    return new X509Certificate(inBase64 ? Buffer.from(inBase64, 'base64') : decodeURIComponent(value));
  } catch {
    return undefined;
  }
}

const ALTERNATIVE_NAMES = {
  tls_client_auth_san_dns: 'DNS:',
  tls_client_auth_san_uri: 'URI:',
  tls_client_auth_san_ip: 'IP Address:',
  tls_client_auth_san_email: 'email:',
} as const;

function matches({ subject, subjectAltName = '' }: X509Certificate, field: SubjectField, expected: string): boolean {
  if (field === 'tls_client_auth_subject_dn') {
    const wanted = parseName(expected);
    // Node has the most significant part first, RFC 4514 has it last.
    const parts = subject.split('\n').reverse();
    return wanted !== undefined && wanted.length === parts.length && wanted.every((part, i) => isSame(part, parts[i]!));
  }
  const kind = ALTERNATIVE_NAMES[field];
  const isFolded = kind === 'DNS:' || kind === 'IP Address:';
  const fold = (name: string) => (isFolded ? name.toLowerCase() : name);
  return alternativeNames(subjectAltName).some(
    (name) => name.startsWith(kind) && fold(name.slice(kind.length)) === fold(expected),
  );
}

/** `DNS:a.example, URI:…`; what contains a comma or a quote is a JSON string. */
function alternativeNames(text: string): string[] {
  const names = text.match(/(?:[^,"]|"(?:[^"\\]|\\.)*")+/g) ?? [];
  return names.map((name) => {
    const [, kind = '', quoted] = /^([^"]*)(".*")$/s.exec(name.trim()) ?? [];
    return quoted === undefined ? name.trim() : `${kind}${String(JSON.parse(quoted))}`;
  });
}

/** The parts of a distinguished name (RFC 4514): `CN=client,O=Example`. Undefined for what is none. */
function parseName(text: string): string[] | undefined {
  const parts = text.match(/(?:[^,\\]|\\.)+/gs);
  return parts?.every((part) => part.includes('=')) ? parts.map((part) => part.trim()) : undefined;
}

function isSame(expected: string, actual: string): boolean {
  const [type, value] = splitPart(expected);
  const [actualType, actualValue] = splitPart(actual);
  return type.toUpperCase() === actualType.toUpperCase() && unescaped(value) === unescaped(actualValue);
}

function splitPart(part: string): [type: string, value: string] {
  const at = part.indexOf('=');
  return [part.slice(0, at).trim(), part.slice(at + 1).trim()];
}

const unescaped = (value: string) => value.replace(/\\(.)/gs, '$1');
