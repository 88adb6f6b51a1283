import type { Grant, KoaContextWithOIDC } from 'oidc-provider';
import type { Application } from '../../directory/applications/application.ts';
import type { MakeGrant } from '../provider/grants.ts';
import type { Marked } from '../sessions/proof-marks.ts';

/** What a user once allowed an application. */
export interface Consent {
  userId: string;
  clientId: string;
  scopes: string[];
  claims: string[];
  resources: Record<string, string[]>;
}

export interface ConsentStore {
  find(userId: string, clientId: string): Promise<Consent | undefined>;
  /** Adds to what was allowed before. */
  add(consent: Consent, at: Date): Promise<void>;
  removeOfUser(userId: string): Promise<void>;
  removeOfApplication(clientId: string): Promise<void>;
}

export interface GrantsOptions {
  consents: ConsentStore;
  findApplication(clientId: string): Promise<Application | undefined>;
  makeGrant: MakeGrant;
}

/**
 * The grant of an authorization: the session's own; else a new one with all that the user has allowed before, so that
 * no user is asked twice; for the operator's own applications, one with everything requested. Grants end with the
 * session at sign-out; consents stay until they are withdrawn.
 */
export function loadExistingGrant({ consents, findApplication, makeGrant }: GrantsOptions) {
  return async (ctx: KoaContextWithOIDC): Promise<Grant | undefined> => {
    const { provider, client, session, result, account } = ctx.oidc;
    if (!client || !account) return undefined;
    const { accountId } = account;
    const make = () =>
      makeGrant(provider, { client, accountId, proofMark: (session as Marked | undefined)?.proofMark });
    const grantId = result?.consent?.grantId ?? session?.grantIdFor(client.clientId);
    const found = grantId ? await provider.Grant.find(grantId) : undefined;
    const existing = found?.accountId === account.accountId ? found : undefined;
    const application = await findApplication(client.clientId);
    if (application?.skipConsent) return grantEverything(ctx, existing, make);
    if (existing) return existing;
    const consent = await consents.find(account.accountId, client.clientId);
    return consent && grantOf(make(), consent);
  };
}

async function grantOf(grant: Grant, consent: Consent): Promise<Grant> {
  grant.addOIDCScope(consent.scopes.join(' '));
  if (consent.claims.length > 0) grant.addOIDCClaims(consent.claims);
  for (const [resource, scopes] of Object.entries(consent.resources))
    grant.addResourceScope(resource, scopes.join(' '));
  await grant.save();
  return grant;
}

async function grantEverything(
  { oidc }: KoaContextWithOIDC,
  existing: Grant | undefined,
  make: () => Grant,
): Promise<Grant> {
  if (existing && coversRequest(existing, oidc)) return existing;
  const grant = existing ?? make();
  grant.addOIDCScope([...oidc.requestParamScopes].join(' '));
  grant.addOIDCClaims([...oidc.requestParamClaims]);
  for (const [resource, server] of Object.entries(oidc.resourceServers ?? {})) {
    const scopes = [...oidc.requestParamScopes].filter((scope) => server.scopes.has(scope));
    if (scopes.length > 0) grant.addResourceScope(resource, scopes.join(' '));
  }
  await grant.save();
  return grant;
}

/** True when nothing has to be added: only scopes are asked for, and all of them are in the grant. */
function coversRequest(grant: Grant, oidc: KoaContextWithOIDC['oidc']): boolean {
  if (oidc.requestParamClaims.size > 0 || Object.keys(oidc.resourceServers ?? {}).length > 0) return false;
  const granted = new Set(grant.getOIDCScopeEncountered().split(' '));
  return [...oidc.requestParamScopes].every((scope) => granted.has(scope));
}
