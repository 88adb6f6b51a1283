import { Schema, type Connection } from 'mongoose';
import { Provider } from 'oidc-provider';
import { NOW } from '../../platform/db/clocked.mongo.ts';
import { isDuplicateKey } from '../../platform/db/connection.mongo.ts';
import { modelOf } from '../../platform/db/model.mongo.ts';
import type { Encryption } from '../../platform/encryption.ts';
import { sha256 } from '../../platform/ids.ts';

/** A response of the token endpoint (RFC 6749, section 5.1), as far as it is of interest here. */
export interface TokenResponse {
  refresh_token?: string;
  expires_in?: number;
}

/** What is kept of a rotation. */
interface Successor {
  response: TokenResponse;
  /** Of the access token: requests that want another one do not get it. */
  wanted: string;
}

/** A token that was replaced a moment ago, by the SHA-256 of its `jti`, and the response that did it, encrypted. */
interface Replaced {
  token: string;
  at: Date;
  successor: string;
  /** Milliseconds since, by the database's clock. */
  age?: number;
}

/** The refresh tokens that came out of one another; there is no document before the first is replaced. */
interface Family {
  _id: string;
  /** The SHA-256 of the `jti` of the one that is good. */
  current: string;
  replaced: Replaced[];
  /** When none of the responses is given out any more. */
  forgetAt: Date;
  expiresAt: Date;
}

/** A refresh token as far as rotation is concerned. `exp` in Unix seconds. */
export interface FamilyMember {
  jti: string;
  exp: number;
  /** The `jti` of the first. */
  family?: string | undefined;
}

const schema = new Schema<Family>(
  {
    _id: String,
    current: String,
    replaced: [new Schema({ token: String, at: Date, successor: String }, { _id: false })],
    forgetAt: Date,
    expiresAt: Date,
  },
  { collection: 'oidc_refresh_families', versionKey: false },
);
schema.index({ expiresAt: 1 }, { expireAfterSeconds: 0 });
schema.index({ forgetAt: 1 }, { sparse: true });

/** Of an application that refreshes without end. */
const MOST_REPLACED = 10;

/** Clocks of nodes differ; by then every token of the family has expired on all of them. */
const MARGIN_MS = 600_000;

export interface RefreshFamiliesOptions {
  connection: Connection;
  encryption: Encryption;
  /** For how long a token that was replaced stands for its successor. */
  graceSeconds: number;
}

export type RefreshFamilies = ReturnType<typeof createRefreshFamilies>;

/**
 * The rotation of refresh tokens (RFC 9700, section 4.14.2). One conditional write decides which request replaces a token, and
 * notes the response, encrypted. For some seconds, requests with the replaced token get the same response: an application
 * that refreshes in two tabs at once, or did not get the answer, goes on, and there is never a second line of tokens.
 * Later it is theft.
 */
export function createRefreshFamilies({ connection, encryption, graceSeconds }: RefreshFamiliesOptions) {
  const { collection } = modelOf(connection, 'OidcRefreshFamily', schema);
  const purposeOf = (token: string) => `oidc:RefreshToken:successor:${token}`;
  const keyOf = ({ jti, family = jti }: Omit<FamilyMember, 'exp'>) => sha256(family);

  /** Asks the database whether another one has taken its place. */
  async function isReplaced(member: Omit<FamilyMember, 'exp'>): Promise<boolean> {
    const found = await collection.findOne<Family>({ _id: keyOf(member) } as object, { projection: { current: 1 } });
    return found !== null && found.current !== sha256(member.jti);
  }

  /**
   * Replaces a token by what is in this response. Undefined for the request that does; for others the response that they get in
   * its place, or 'theft'.
   */
  async function replace(
    member: FamilyMember,
    by: Omit<FamilyMember, 'family'>,
    response: TokenResponse,
  ): Promise<TokenResponse | 'theft' | undefined> {
    const token = sha256(member.jti);
    const successor = encryption.encrypt(purposeOf(token), JSON.stringify({ response, wanted: wantedToken() }));
    const graceMs = graceSeconds * 1000;
    const recent = {
      $filter: { input: { $ifNull: ['$replaced', []] }, cond: { $gt: ['$$this.at', { $subtract: [NOW, graceMs] }] } },
    };
    const replaced = graceMs > 0 ? [{ token, at: NOW, successor: { $literal: successor } }] : [];
    const set = {
      current: sha256(by.jti),
      replaced: { $slice: [{ $concatArrays: [recent, replaced] }, -MOST_REPLACED] },
      forgetAt: { $add: [NOW, graceMs] },
      expiresAt: { $max: ['$expiresAt', new Date(Math.max(member.exp, by.exp) * 1000 + MARGIN_MS)] },
    };
    const isFirst = member.family === undefined || member.family === member.jti;
    const filter = { _id: keyOf(member), current: token } as object;
    try {
      const { matchedCount, upsertedCount } = await collection.updateOne(filter, [{ $set: set }], { upsert: isFirst });
      if (matchedCount + upsertedCount > 0) return undefined;
    } catch (error) {
      // The first was replaced before: the family is there, with another current one.
      if (!isDuplicateKey(error)) throw error;
    }
    return repeat(member, token, response);
  }

  async function repeat(
    member: FamilyMember,
    token: string,
    response: TokenResponse,
  ): Promise<TokenResponse | 'theft'> {
    const found = await findReplaced(keyOf(member), token);
    if (!found || found.age! >= graceSeconds * 1000) return 'theft';
    // A cast, because only `replace` encrypts for this purpose.
    const kept = JSON.parse(encryption.decrypt(purposeOf(token), found.successor)) as Successor;
    // For another API or with other scopes; it has only the refresh token in common.
    if (kept.wanted !== wantedToken()) return { ...response, refresh_token: kept.response.refresh_token! };
    const elapsed = Math.floor(found.age! / 1000);
    return { ...kept.response, expires_in: Math.max(0, (kept.response.expires_in ?? 0) - elapsed) };
  }

  /** How long ago a token was replaced is a matter of the database's clock, which all nodes share. */
  async function findReplaced(_id: string, token: string): Promise<Replaced | undefined> {
    const age = { $dateDiff: { startDate: '$replaced.at', endDate: NOW, unit: 'millisecond' } };
    const [found] = await collection
      .aggregate<Replaced>([
        { $match: { _id } },
        { $unwind: '$replaced' },
        { $match: { 'replaced.token': token } },
        { $replaceWith: { $mergeObjects: ['$replaced', { age }] } },
      ])
      .toArray();
    return found;
  }

  /** Forgets responses that nobody can get any more; which token is good stays, so that the use of others is recognized as theft. */
  async function forgetSuccessors(): Promise<void> {
    const filter = { $expr: { $lt: ['$forgetAt', NOW] } };
    await collection.updateMany(
      { forgetAt: { $exists: true }, ...filter },
      { $set: { replaced: [] }, $unset: { forgetAt: 1 } },
    );
  }

  return { isReplaced, replace, forgetSuccessors };
}

/** What the access token of the request under way is good for, and for whom: its API, its scopes and its key. */
function wantedToken(): string {
  const token = Provider.ctx?.oidc.entities.AccessToken;
  return JSON.stringify([token?.aud, token?.scope, token?.['jkt'], token?.['x5t#S256']]);
}
