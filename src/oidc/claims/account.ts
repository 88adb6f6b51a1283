import type { UserAttribute } from '../../../config/profile-settings.ts';
import type { Account, AccountClaims, ClaimsParameterMember, KoaContextWithOIDC } from 'oidc-provider';
import type { Application } from '../../directory/applications/application.ts';
import type { ClaimUse } from '../../directory/applications/claim-policy.ts';
import type { ClaimSource, Contributions } from '../../directory/module.ts';
import type { User } from '../../directory/users/user.ts';
import type { Refer, Wanted } from './distributed-claims.ts';
import { claimsByScope, standardClaims } from './standard-claims.ts';
import { endsOfClaims, noEnds, type ClaimEnds } from './claim-ends.ts';
import { SPECIAL } from './special-claims.ts';
import { longLists } from './token-size.ts';

/** The provider's account, with the user it stands for. */
export interface UserAccount extends Account {
  user: User;
  /** When what the application reads about the user ends, or the user's access to it; known when the account is, since the provider asks for lifetimes synchronously. */
  ends: ClaimEnds;
}

export interface AccountsOptions {
  findUser(id: string): Promise<User | undefined>;
  findApplication(clientId: string): Promise<Application | undefined>;
  /** Whether a user may sign in to an application. */
  mayAccess(user: User, application: Application): Promise<boolean>;
  /** When time alone ends that, in Unix milliseconds; Infinity for never. */
  accessEndsAt(user: User, application: Application): Promise<number>;
  /** Whether time alone can end access of this user; `accessEndsAt` is only asked then. */
  accessMayEnd(user: User): boolean;
  contributions: Pick<Contributions, 'claimSources'>;
  refer: Refer;
  /** Of the additional attributes, those that applications may receive. */
  attributesInUse: readonly UserAttribute[];
}

export type Accounts = ReturnType<typeof createAccounts>;

/** Users as the provider sees them. */
export function createAccounts(options: AccountsOptions) {
  const { findUser, findApplication, mayAccess, accessMayEnd, accessEndsAt, contributions, refer, attributesInUse } =
    options;
  const claimsOf = claimsByScope(attributesInUse);

  /** False for an application that the user may not sign in to, or that is gone. */
  async function mayUse(user: User, clientId: string): Promise<boolean> {
    const application = await findApplication(clientId);
    return application !== undefined && mayAccess(user, application);
  }

  /**
   * Undefined for someone who is gone or disabled: their sessions and tokens are dead from the next request on. So are the
   * tokens of an application that they may not sign in to any more.
   */
  async function find(ctx: KoaContextWithOIDC, id: string): Promise<UserAccount | undefined> {
    const user = await findUser(id);
    if (!user || user.status === 'disabled') return undefined;
    const clientId = ctx.oidc.client?.clientId;
    const usesToken = TOKEN_ROUTES.has(ctx.oidc.route);
    if (usesToken && clientId && !(await mayUse(user, clientId))) return undefined;
    const ends = await readEnds(user, clientId);
    return {
      accountId: user.id,
      user,
      ends,
      async claims(use, scope, requested, rejected): Promise<AccountClaims> {
        const clientId = ctx.oidc.client?.clientId ?? '';
        const wanted = (source: Granted) => isGranted(source, scope, requested, rejected);
        if (use === 'id_token') ends.ofIdToken = ends.endOf({ uses: ['id_token'], isGranted: wanted });
        const special = {
          ...(use === 'id_token' ? await readForIdToken(user, clientId, { scope, rejected }) : {}),
          ...(await read(user, clientId, use as ClaimUse, wanted)),
        };
        return { ...standardClaims(user, attributesInUse), [SPECIAL]: special } as AccountClaims;
      },
    };
  }

  /** Nothing is read for users whose claims and access no time can end, as nearly all. */
  async function readEnds(user: User, clientId: string | undefined): Promise<ClaimEnds> {
    const sources = contributions.claimSources.filter((source) => source.mayEnd?.(user));
    const canEnd = sources.length > 0 || accessMayEnd(user);
    const application = canEnd && clientId ? await findApplication(clientId) : undefined;
    if (!application) return noEnds();
    return endsOfClaims(sources, { user, application }, await accessEndsAt(user, application));
  }

  /** What the policy has in the ID token of the claims that are userinfo's (OpenID Connect Core 5.4). */
  async function readForIdToken(
    user: User,
    clientId: string,
    { scope, rejected }: { scope: string; rejected: string[] },
  ): Promise<Record<string, unknown>> {
    const application = await findApplication(clientId);
    const granted = scope.split(' ');
    const names = (application?.claimPolicy.idTokenScopes ?? [])
      .filter((each) => granted.includes(each))
      .flatMap((each) => claimsOf[each] ?? []);
    const claims = Object.entries(standardClaims(user, attributesInUse));
    return Object.fromEntries(claims.filter(([name]) => names.includes(name) && !rejected.includes(name)));
  }

  /** What every wanted claim source says about a user. */
  async function read(
    user: User,
    clientId: string,
    use: ClaimUse,
    wanted: (source: ClaimSource) => boolean,
  ): Promise<Record<string, unknown>> {
    const asked = contributions.claimSources.filter(wanted);
    if (asked.length === 0) return {};
    const application = await findApplication(clientId);
    if (!application) return {};
    const request = { user, application, use, scopes: asked.map(({ scope }) => scope) };
    const claims = await readWhole(request);
    return isToken(use) ? withReferences(request, claims, await endOfClaims(request)) : claims;
  }

  /** However long they are; nothing where the claim policy says nothing. */
  async function readWhole({ user, application, use, scopes }: Wanted): Promise<Record<string, unknown>> {
    if (!application.claimPolicy.tokens.includes(use)) return {};
    const asked = contributions.claimSources.filter(({ scope }) => scopes.includes(scope));
    const answers = await Promise.all(asked.map((source) => source.read({ user, application })));
    return Object.assign({}, ...answers) as Record<string, unknown>;
  }

  /** When the first of these claims ends, in Unix milliseconds. */
  async function endOfClaims({ user, application, use, scopes }: Wanted): Promise<number> {
    const ends = await readEnds(user, application.id);
    return ends.endOf({ uses: [use], isGranted: ({ scope }) => scopes.includes(scope) });
  }

  /** A list that is too long for a token is fetched from us, and never cut short. */
  function withReferences(request: Wanted, claims: Record<string, unknown>, end: number): Record<string, unknown> {
    const long = longLists(request.application.claimPolicy, claims);
    if (long.length === 0) return claims;
    const short = Object.entries(claims).filter(([claim]) => !long.includes(claim));
    return { ...Object.fromEntries(short), ...refer(request, long, end) };
  }

  /** What a token with these scopes may say, for access tokens and introspection, which know no `claims` parameter. */
  function readByScope(
    user: User,
    clientId: string,
    use: ClaimUse,
    scopes: ReadonlySet<string>,
  ): Promise<Record<string, unknown>> {
    return read(user, clientId, use, (source) => scopes.has(source.scope));
  }

  /** The same claims, with references for lists that are too long for a token. */
  const shorten = async (request: Wanted, claims: Record<string, unknown>): Promise<Record<string, unknown>> =>
    withReferences(request, claims, await endOfClaims(request));

  return { find, findUser, readByScope, readForIdToken, readWhole, endOfClaims, shorten, mayUse };
}

/** The routes at which an application uses what it was given; on others the user is in the browser. */
const TOKEN_ROUTES = new Set(['token', 'userinfo']);

/** What is handed about in headers and addresses, and must not grow without bounds. */
const isToken = (use: ClaimUse) => use === 'id_token' || use === 'access_token';

type Granted = Pick<ClaimSource, 'scope' | 'claims'>;
type Requested = { [key: string]: ClaimsParameterMember | null };

// The claims sit under the `openid` scope for the provider, so that they reach the ID token (OpenID Connect Core 5.4 keeps
// those of other scopes for userinfo); here they are held back unless their own scope, or a `claims` parameter, asked.
function isGranted(source: Granted, scope: string, requested: Requested, rejected: string[]): boolean {
  const asked = scope.split(' ').includes(source.scope) || source.claims.some((claim) => claim in requested);
  return asked && !source.claims.some((claim) => rejected.includes(claim));
}
