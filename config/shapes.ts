import { z } from 'zod';
import { canonicalDomain } from './email-address.ts';
import { isPlainText } from './plain-text.ts';

export const whole = (min: number, max: number) =>
  z
    .string()
    .regex(/^\d+$/, 'must be a whole number')
    .transform(Number)
    .pipe(z.number().int().min(min, `must be at least ${min}`).max(max, `must be at most ${max}`))
    .describe(`${min} to ${max}`);

/** A number that may have decimal places. */
export const decimal = (min: number, max: number) =>
  z
    .string()
    .regex(/^\d+(\.\d+)?$/, 'must be a number')
    .transform(Number)
    .pipe(z.number().min(min, `must be at least ${min}`).max(max, `must be at most ${max}`))
    .describe(`${min} to ${max}`);

export const oneOf = <const Value extends string>(...values: [Value, ...Value[]]) =>
  z
    .enum(values, { error: `must be ${values.map((value) => `'${value}'`).join(' or ')}` })
    .describe(values.map((value) => `\`${value}\``).join(', '));

export const onOff = z
  .enum(['on', 'off'], { error: "must be 'on' or 'off'" })
  .transform((value) => value === 'on')
  .describe('`on`, `off`');
export const text = z.string().min(1, 'must not be empty').describe('text');
export const seconds = whole(1, 10 * 365 * 24 * 3600);

/** None, or one below which Cohort is served beside other applications of the host. */
const ISSUER_PATH = /^(\/|(\/(?!\.well-known\b)[A-Za-z0-9._~-]+)+)$/;

const issuerText = z.string().superRefine((value, ctx) => {
  const url = URL.parse(value);
  const fault = (message: string) => ctx.addIssue({ code: 'custom', message });
  if (!url || !['http:', 'https:'].includes(url.protocol)) return fault('must be an http or https URL');
  if (/[?#]/.test(value)) return fault('must not have a query or a fragment');
  if (url.username || url.password) return fault('must not have a user name or a password');
  if (value.endsWith('/') || url.hostname.endsWith('.'))
    return fault('must not end its host with a dot or its path with a slash');
  // It is compared character by character by every application, so that only one way of writing it can be right.
  const normal = `${url.origin}${url.pathname === '/' ? '' : url.pathname}`;
  if (value !== normal) return fault(`must be in normal form: ${normal}`);
  if (!ISSUER_PATH.test(url.pathname))
    return fault('must have a path of letters, digits, and the characters . _ ~ - only, if it has one');
  if (url.protocol === 'http:' && !isLoopbackHost(url.hostname))
    return fault('must use https unless the host is a loopback address');
});

export const issuer = issuerText.describe(
  'an https URL, or an http URL on loopback; may have a path, such as `https://example.com/auth`',
);

/** Scheme, host and port of an https URL, in normal form. */
export const httpsOrigin = z
  .string()
  .refine((value) => {
    const url = URL.parse(value);
    return url?.protocol === 'https:' && url.origin === value;
  }, 'must be the origin of an https URL, such as https://mtls.example.com')
  .describe('the origin of an https URL, such as `https://mtls.example.com`');

/** True for the names and addresses by which a machine means itself; names in `localhost.` too (RFC 6761, section 6.3). */
export function isLoopbackHost(hostname: string): boolean {
  return /^([^.]+\.)*localhost$/i.test(hostname) || hostname === '[::1]' || /^127(\.\d{1,3}){3}$/.test(hostname);
}

/** Words in a list that is separated by `separator`, each at most once. */
export const listOf = <const Value extends string>(
  allowed: readonly Value[],
  { separator, required }: { separator: ' ' | ','; required?: Value },
) =>
  z
    .string()
    .transform((value, ctx): Value[] => {
      const words = [...new Set(value.split(separator).map((word) => word.trim()))].filter(Boolean);
      const unknown = words.filter((word) => !(allowed as readonly string[]).includes(word));
      const fault = (message: string) => {
        ctx.addIssue({ code: 'custom', message });
        return z.NEVER;
      };
      if (unknown.length > 0) return fault(`must not contain ${unknown.map((word) => `'${word}'`).join(', ')}`);
      if (words.length === 0) return fault('must not be empty');
      if (required && !words.includes(required)) return fault(`must contain ${required}`);
      return words as Value[];
    })
    .describe(
      `${allowed.map((word) => `\`${word}\``).join(', ')}; several separated by ${separator === ' ' ? 'spaces' : 'commas'}`,
    );

export const headerName = z
  .string()
  .regex(/^[A-Za-z0-9-]{1,60}$/, 'must be the name of a header')
  .describe('the name of a header');

export const trustedProxies = z
  .string()
  .regex(/^\d{1,2}$/, 'must be the number of proxies in front of Cohort, 0 for none')
  .transform(Number)
  .describe('0 to 99');

export const encryptionKeys = z
  .string()
  .transform((value) => value.split(',').map((part) => part.trim().split(':')))
  .pipe(
    z.array(
      z.tuple(
        [
          z.string().regex(/^[a-z0-9]{1,16}$/, 'has a key id that is not 1 to 16 lowercase letters and digits'),
          z
            .string()
            .refine(
              (key) => Buffer.from(key, 'base64').length === 32,
              'has a key that is not 32 bytes in base64 (make one with: openssl rand -base64 32)',
            ),
        ],
        { error: 'must look like id:base64key, or several of them separated by commas, newest first' },
      ),
    ),
  )
  .describe('`id:base64`, several separated by commas');

/** A mail server: where it is, whether TLS comes first (`smtps:`), and who signs in there. */
const smtpUrl = z.string().transform((value, ctx) => {
  const url = URL.parse(value);
  const fault = (message: string) => {
    ctx.addIssue({ code: 'custom', message });
    return z.NEVER;
  };
  if (!url || !['smtp:', 'smtps:'].includes(url.protocol) || !url.hostname)
    return fault('must look like smtp://user:password@host:587 or smtps://user:password@host');
  if (!['', '/'].includes(url.pathname) || url.search || url.hash) return fault('must end after the host and the port');
  if (Boolean(url.username) !== Boolean(url.password)) return fault('must have a user and a password, or neither');
  const secure = url.protocol === 'smtps:';
  const host = url.hostname.toLowerCase();
  const usualPort = secure ? 465 : 587;
  const port = url.port ? Number(url.port) : usualPort;
  try {
    const [user, pass] = [url.username, url.password].map(decodeURIComponent) as [string, string];
    return { host, port, secure, ...(user ? { auth: { user, pass } } : {}) };
  } catch {
    return fault('has a % in its user or password that is not followed by two hexadecimal digits; write %25');
  }
});

export const smtpServer = smtpUrl.describe('an `smtp:` or `smtps:` URL');

// Without quotes, so that it stays one address.
const SENDER = /^(?:([^<>"\\]*)<([^\s\p{C}<>@,;:"]+@[^\s\p{C}<>@,;:"]+)>|([^\s\p{C}<>@,;:"]+@[^\s\p{C}<>@,;:"]+))$/u;

/** The sender of emails: `Name <address>`, or an address alone. */
const senderText = z.string().transform((value, ctx) => {
  const [, name = '', inBrackets, alone] = SENDER.exec(value) ?? [];
  const address = inBrackets ?? alone;
  // One header line, which cannot look like another one.
  if (address && isPlainText(name)) return { name: name.trim(), address };
  ctx.addIssue({ code: 'custom', message: 'must look like Name <address@host>, on one line and without quotes' });
  return z.NEVER;
});

export const sender = senderText.describe('`Name <address>`, or an email address');

/** Who may sign up: nobody (`closed`), everybody (`open`), or users with an email address in one of these domains. */
const signUp = z.string().transform((value, ctx): 'closed' | 'open' | string[] => {
  if (value === 'closed' || value === 'open') return value;
  const domains = value.split(/\s+/).filter(Boolean).map(canonicalDomain);
  if (domains.length > 0 && domains.every((domain) => domain !== undefined)) return domains;
  ctx.addIssue({ code: 'custom', message: "must be 'closed', 'open' or domains separated by spaces" });
  return z.NEVER;
});

export const selfRegistration = signUp.describe('`closed`, `open`, or email domains separated by spaces');

export const optionalUrl = z
  .url({ protocol: /^https?$/, error: 'must be an http or https URL' })
  .describe('an http or https URL')
  .optional();
