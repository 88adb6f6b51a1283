import type { Model } from 'mongoose';
import { Provider } from 'oidc-provider';
import { NOW } from '../../platform/db/clocked.mongo.ts';
import type { Encryption } from '../../platform/encryption.ts';
import type { StoredModel } from './stored-model.mongo.ts';

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

/** A refresh token as it is stored, with the milliseconds since it was replaced. */
export type FoundToken = StoredModel & { age?: number | null };

export interface RotationsOptions {
  tokens: Model<StoredModel>;
  encryption: Encryption;
  /** For how long a token that was replaced stands for its successor. */
  graceSeconds: number;
}

/**
 * The rotation of refresh tokens (RFC 9700, section 4.14.2). One conditional write decides which request replaces a token, and
 * notes the response in it, encrypted. For some seconds, requests with the replaced token get the same response: an
 * application that refreshes in two tabs at once, or did not get the answer, goes on, and there is never a second line of
 * tokens. Later it is theft.
 */
export function createRotations({ tokens, encryption, graceSeconds }: RotationsOptions) {
  const { collection } = tokens;
  const purposeOf = (key: string) => `oidc:RefreshToken:successor:${key}`;

  /** How long ago a token was replaced is a matter of the database's clock, which all nodes share. */
  async function find(filter: object): Promise<FoundToken | undefined> {
    const age = { $dateDiff: { startDate: '$replacedAt', endDate: NOW, unit: 'millisecond' } };
    const pipeline = [{ $match: filter }, { $limit: 1 }, { $addFields: { age } }];
    return (await collection.aggregate<FoundToken>(pipeline).toArray())[0];
  }

  /** True as long as a replaced token stands for its successor, at the token endpoint alone. */
  function hasGrace({ successor, age }: FoundToken): boolean {
    return (
      Provider.ctx?.oidc.route === 'token' &&
      successor !== undefined &&
      typeof age === 'number' &&
      age < graceSeconds * 1000
    );
  }

  /**
   * Replaces a token by what is in this response. Undefined for the request that does; for others the response that they get in
   * its place, or 'theft'.
   */
  async function replace(key: string, response: TokenResponse): Promise<TokenResponse | 'theft' | undefined> {
    const successor: Successor = { response, wanted: wantedToken() };
    const encrypted = encryption.encrypt(purposeOf(key), JSON.stringify(successor));
    const change = {
      consumed: { $floor: { $divide: [{ $toLong: NOW }, 1000] } },
      replacedAt: NOW,
      ...(graceSeconds > 0 ? { successor: { $literal: encrypted } } : {}),
    };
    const filter = { _id: key, consumed: { $exists: false } } as object;
    const won = await collection.findOneAndUpdate(filter, [{ $set: change }], { projection: { _id: 1 } });
    return won ? undefined : repeat(key, response);
  }

  async function repeat(key: string, response: TokenResponse): Promise<TokenResponse | 'theft'> {
    const found = await find({ _id: key });
    if (!found || !hasGrace(found)) return 'theft';
    // A cast, because only `replace` encrypts for this purpose.
    const kept = JSON.parse(encryption.decrypt(purposeOf(key), found.successor!)) as Successor;
    const { RefreshToken: refreshToken, AccessToken: accessToken } = Provider.ctx!.oidc.entities;
    // Nobody gets it, and it would begin a second line.
    await refreshToken?.destroy();
    // For another API or with other scopes; it has only the refresh token in common.
    if (kept.wanted !== wantedToken()) return { ...response, refresh_token: kept.response.refresh_token! };
    await accessToken?.destroy();
    const elapsed = Math.floor((found.age ?? 0) / 1000);
    return { ...kept.response, expires_in: Math.max(0, (kept.response.expires_in ?? 0) - elapsed) };
  }

  /** Forgets responses that nobody can get any more; the tokens stay, so that their use is recognized as theft. */
  async function forgetSuccessors(): Promise<void> {
    const over = { $dateSubtract: { startDate: NOW, unit: 'second', amount: graceSeconds } };
    const filter = { successor: { $exists: true }, $expr: { $lt: ['$replacedAt', over] } };
    await collection.updateMany(filter, { $unset: { successor: 1 } });
  }

  return { find, hasGrace, replace, forgetSuccessors };
}

/** What the access token of the request under way is good for, and for whom: its API, its scopes and its key. */
function wantedToken(): string {
  const token = Provider.ctx?.oidc.entities.AccessToken;
  return JSON.stringify([token?.aud, token?.scope, token?.['jkt'], token?.['x5t#S256']]);
}
