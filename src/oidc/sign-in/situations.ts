import type { KoaContextWithOIDC, UnknownObject } from 'oidc-provider';
import { NO_REQUESTED_ACR, type RequestedAcr } from '../../platform/assurance.ts';
import type { Application } from '../../directory/applications/application.ts';
import { createPageCookies } from '../../platform/http/page-cookies.ts';
import type { User } from '../../directory/users/user.ts';
import { readsMemory, type FindUser } from '../provider/request-users.ts';
import type { SignInSituation } from '../../directory/module.ts';
import type { UserAccount } from '../claims/account.ts';

export interface SituationsOptions {
  findUser: Pick<FindUser, 'afresh'>;
  findApplication(clientId: string): Promise<Application | undefined>;
  /** Cookies are named by it. */
  issuer: string;
}

export type Situations = ReturnType<typeof createSituations>;

/** Where an authorization request stands, as the steps of the sign-in see it. */
export function createSituations({ findUser, findApplication, issuer }: SituationsOptions) {
  const cookies = createPageCookies(issuer);
  // All steps are asked about the same moment of the same request.
  const known = new WeakMap<KoaContextWithOIDC, Promise<SignInSituation>>();

  /** Undefined as long as nobody is signed in. */
  function of(ctx: KoaContextWithOIDC): Promise<SignInSituation> | undefined {
    const account = ctx.oidc.account as UserAccount | undefined;
    if (!account) return undefined;
    const situation = known.get(ctx) ?? look(ctx, account.user, { fromMemory: readsMemory(ctx.oidc.route) });
    known.set(ctx, situation);
    return situation;
  }

  /** With the user as they are now: memory may be older than what they did a moment ago at another node. */
  async function afresh(ctx: KoaContextWithOIDC): Promise<SignInSituation | undefined> {
    const before = await of(ctx);
    const user = before && (await findUser.afresh(before.user.id));
    if (!user) return undefined;
    const situation = look(ctx, user, { fromMemory: false });
    known.set(ctx, situation);
    return situation;
  }

  async function look(
    ctx: KoaContextWithOIDC,
    user: User,
    { fromMemory }: { fromMemory: boolean },
  ): Promise<SignInSituation> {
    return {
      fromMemory,
      user,
      application: await findApplication(ctx.oidc.client?.clientId ?? ''),
      amr: ctx.oidc.session?.amr ?? [],
      requestedAcr: requestedAcrOf(ctx.oidc.params ?? {}),
      cookies: cookies.read(ctx),
    };
  }

  return { of, afresh };
}

/**
 * How sure a request wants to be: the claim `acr` of its `claims` parameter, in whose place the provider puts `acr_values`
 * when there are some (OpenID Connect Core 3.1.2.1 and 5.5.1.1). The parameters were checked before.
 */
export function requestedAcrOf(params: UnknownObject): RequestedAcr {
  const { acr_values: voluntary, claims } = params;
  if (typeof voluntary === 'string' && voluntary) return { values: voluntary.split(' '), isEssential: false };
  if (typeof claims !== 'string') return NO_REQUESTED_ACR;
  const { id_token: wanted } = JSON.parse(claims) as { id_token?: { acr?: Record<string, unknown> | null } };
  const { value, values = [], essential } = wanted?.acr ?? {};
  const all = [value, ...(Array.isArray(values) ? (values as unknown[]) : [])];
  return { values: all.filter((each) => typeof each === 'string'), isEssential: essential === true };
}
