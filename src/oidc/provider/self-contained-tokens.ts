import type { AdapterPayload } from 'oidc-provider';
import { createRecent } from '../../platform/recent.ts';
import { openPresented, type Encryption } from '../../platform/encryption.ts';

/** What tokens that carry their own state begin with; scanners for leaked secrets find them by it. */
const PREFIXES = {
  AccessToken: 'cohort_at_',
  AuthorizationCode: 'cohort_ac_',
  ClientCredentials: 'cohort_ct_',
  RefreshToken: 'cohort_rt_',
} as const;

export type TokenName = keyof typeof PREFIXES;

export const TOKEN_NAMES = Object.keys(PREFIXES) as TokenName[];

export const isTokenName = (name: string): name is TokenName => name in PREFIXES;

/** Longer ones do not fit everywhere that applications keep tokens; those are stored, and the token names the document. */
const MOST_CHARACTERS = 1000;

/** Applications present the same access token again and again; so many are not decrypted a second time. */
const MOST_RECENT = 2000;

/** What a presented token says: its state, or the id under which that is stored. */
export type Decoded = { payload: AdapterPayload } | { id: string };

export type SelfContainedTokens = ReturnType<typeof createSelfContainedTokens>;

/**
 * Tokens that are their own encrypted state: `prefix` `key id` `.` `base64url(iv | tag | ciphertext)`, AES-256-GCM. The kind
 * and the issuer are authenticated with it, so that none passes for another kind, or for a token of another Cohort with the
 * same key. The database contains none to read, and write access to it is not enough to make one.
 */
export function createSelfContainedTokens({ encryption, issuer }: { encryption: Encryption; issuer: string }) {
  const recent = createRecent<string>(MOST_RECENT);
  const purposeOf = (name: TokenName) => `token:${name}:${issuer}`;

  /** Undefined for one that would be too long. */
  function encode(name: TokenName, payload: AdapterPayload): string | undefined {
    const { kind: _inPrefix, ...state } = payload;
    const token = PREFIXES[name] + encryption.encrypt(purposeOf(name), JSON.stringify(state));
    return token.length > MOST_CHARACTERS ? undefined : token;
  }

  /** Undefined for what is no token of this kind, was changed, or was encrypted with a key that is not configured any more. */
  function decode(name: TokenName, token: string): Decoded | undefined {
    const prefix = PREFIXES[name];
    if (!token.startsWith(prefix)) return undefined;
    const content = token.slice(prefix.length);
    if (!content.includes('.')) return { id: content };
    const text = recent.get(token, () => openPresented(encryption, purposeOf(name), content));
    return text === undefined ? undefined : { payload: { ...(JSON.parse(text) as AdapterPayload), kind: name } };
  }

  return { encode, decode, nameStored: (name: TokenName, id: string) => PREFIXES[name] + id };
}
