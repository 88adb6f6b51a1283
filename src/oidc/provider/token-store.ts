import { errors, Provider, type Adapter, type AdapterPayload } from 'oidc-provider';
import { restOn } from '../../platform/basis.ts';
import type { Application } from '../../directory/applications/application.ts';
import type { EndedTokens, Endable } from './ended-tokens.mongo.ts';
import { expectVersion } from './expectations.ts';
import type { Redemptions } from './redemptions.ts';
import type { FamilyMember, RefreshFamilies } from './refresh-families.mongo.ts';
import { isBearer, isDue, mayGoOn } from './refresh-rotation.ts';
import type { TokenName, SelfContainedTokens } from './self-contained-tokens.ts';
import type { createStoredGrants } from './stored-grants.mongo.ts';
import type { BoundToken, createStoredSessions } from './stored-sessions.mongo.ts';

export interface TokenStoreOptions {
  tokens: SelfContainedTokens;
  /** Where tokens are that were too long to carry their state. */
  stored(name: TokenName): Pick<Adapter, 'find'>;
  grants: ReturnType<typeof createStoredGrants>;
  sessions: Pick<ReturnType<typeof createStoredSessions>, 'expectFor'>;
  families: Pick<RefreshFamilies, 'isReplaced' | 'replace'>;
  ended: EndedTokens;
  findApplication(id: string): Promise<Application | undefined>;
  redemptions: Pick<Redemptions, 'consumeLast'>;
}

interface Redeemable extends Endable {
  grantId?: string | undefined;
}

/**
 * Of these, the provider says that they have expired. The others it would accept for some seconds more, as it does what was
 * signed by clocks that are not ours.
 */
const REFUSED_WITH_REASON: ReadonlySet<TokenName> = new Set(['AuthorizationCode', 'RefreshToken']);

export type TokenStore = ReturnType<typeof createTokenStore>;

/**
 * Finds tokens and ends them. A token is good while it has not expired, its grant is there (which the provider looks for)
 * and, if it ends with its session, that too. Of single tokens only this is stored: codes that were redeemed, which refresh
 * token of a family is the current one, and revoked tokens that have no grant.
 */
export function createTokenStore(options: TokenStoreOptions) {
  const { tokens, stored, grants, sessions, families, ended, findApplication, redemptions } = options;

  async function find(name: TokenName, value: string): Promise<AdapterPayload | undefined> {
    const decoded = tokens.decode(name, value);
    if (!decoded) return undefined;
    const payload = 'payload' in decoded ? decoded.payload : await stored(name).find(decoded.id);
    const now = Math.floor(Date.now() / 1000);
    if (payload?.exp === undefined) return payload ?? undefined;
    const { exp } = payload;
    restOn(() => exp * 1000 > Date.now());
    if (exp <= now) return REFUSED_WITH_REASON.has(name) ? payload : undefined;
    if (name === 'ClientCredentials') return (await isOver(payload)) ? undefined : payload;
    const { grantId, grantVersion } = payload as { grantId?: string; grantVersion?: number };
    if (grantId && grantVersion !== undefined) expectVersion(grantId, grantVersion);
    if (payload.expiresWithSession) await sessions.expectFor(payload as BoundToken);
    if (name === 'RefreshToken' && (await isReplaced(payload, now))) return { ...payload, consumed: true };
    return payload;
  }

  /** A token without a grant ends by itself, or with its application; another one may have the same ID later. */
  async function isOver({ jti = '', clientId = '', iat = 0 }: AdapterPayload): Promise<boolean> {
    const application = await findApplication(clientId);
    return !application || iat < Math.floor(application.createdAt.getTime() / 1000) || ended.hasEnded({ jti });
  }

  async function isReplaced(payload: AdapterPayload, now: number): Promise<boolean> {
    // A cast, because only the provider's refresh tokens carry their state as such.
    const token = payload as FamilyMember & Parameters<typeof isDue>[0] & { clientId: string };
    const application = await findApplication(token.clientId);
    const clientAuthMethod = application?.metadata['token_endpoint_auth_method'] as 'none' | undefined;
    const due = isDue(token, now) || isBearer(clientAuthMethod && { clientAuthMethod }, payload);
    if (!due) return false;
    // It will be replaced, and the write that does it decides.
    if (Provider.ctx?.oidc.route === 'token' && mayGoOn(token, now)) return false;
    return families.isReplaced(token);
  }

  const redeem = (code: Redeemable): Promise<void> =>
    redemptions.consumeLast(async () => {
      if (!(await ended.end(code))) await revokeAfterSecondUse(code.grantId);
      return undefined;
    });

  /** The response to send in place of the one with what was just issued, to all but the first. */
  const rotate = (token: FamilyMember & Redeemable): Promise<void> =>
    redemptions.consumeLast(async (body) => {
      const { jti, remainingTTL } = Provider.ctx!.oidc.entities.RefreshToken!;
      const exp = Math.floor(Date.now() / 1000) + remainingTTL;
      const answer = await families.replace(token, { jti, exp }, body ?? {});
      if (answer === 'theft') await revokeAfterSecondUse(token.grantId);
      return answer;
    });

  // RFC 6749, section 4.1.2, and RFC 9700, section 4.14.2: what was used twice was stolen once, so all of it ends.
  async function revokeAfterSecondUse(grantId: string | undefined): Promise<never> {
    if (grantId) await grants.adapter.destroy(grantId);
    throw new errors.InvalidGrant('already used');
  }

  /** Those with a grant end with it. */
  async function end(name: TokenName, token: Endable): Promise<void> {
    if (name === 'ClientCredentials') await ended.end(token);
  }

  const { encode, nameStored } = tokens;
  return { find, redeem, rotate, revokeAfterSecondUse, end, encode, nameStored, prolongGrant: grants.prolong };
}
