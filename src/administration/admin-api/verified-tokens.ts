import {
  jwtVerify,
  type JWTHeaderParameters,
  type JWTPayload,
  type JWTVerifyGetKey,
  type JWTVerifyOptions,
} from 'jose';
import { unixSeconds } from '../../platform/clock.ts';
import { putLatest } from '../../platform/recent.ts';

/** The tokens that were verified last, so many. */
const MOST = 1000;

/** Only the head of a token is looked at to find its key. */
const ANY_TOKEN = { payload: '', signature: '' };

interface Verified {
  claims: JWTPayload;
  header: JWTHeaderParameters;
  key: unknown;
}

/**
 * Verifies JWTs, each once: a script sends the same token with all of its requests. What is remembered counts until the token expires
 * (RFC 7519, section 4.1.4), and as long as its key is in use. The claims are those that the issuer has signed, so what else makes a token
 * worthless is for the caller to find out.
 */
export function createVerifiedTokens(verificationKey: JWTVerifyGetKey, options: JWTVerifyOptions) {
  const verified = new Map<string, Verified>();

  const isKeyInUse = async ({ header, key }: Verified): Promise<boolean> =>
    (await verificationKey(header, ANY_TOKEN)) === key;

  /** @throws JOSEError */
  async function claimsOf(token: string): Promise<JWTPayload> {
    const known = verified.get(token);
    if (known && known.claims.exp! > unixSeconds(new Date()) && (await isKeyInUse(known))) return known.claims;
    verified.delete(token);
    const { payload: claims, protectedHeader: header, key } = await jwtVerify(token, verificationKey, options);
    putLatest(verified, MOST, token, { claims, header, key });
    return claims;
  }

  return { claimsOf };
}
