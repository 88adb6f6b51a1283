import type { Context, Middleware } from 'koa';
import { importJWK, SignJWT } from 'jose';
import type { Application } from '../../directory/applications/application.ts';
import type { ClaimUse } from '../../directory/applications/claim-policy.ts';
import type { Encryption } from '../../platform/encryption.ts';
import { unixSeconds, type Clock } from '../../platform/clock.ts';
import type { User } from '../../directory/users/user.ts';
import { answerUnavailable, completeUnavailable } from '../provider/database-away.ts';
import { subjectFor } from './pairwise-subject.ts';
import type { KeySet } from '../keys/keys.ts';

const PURPOSE = 'distributed_claims';
/** The path of its endpoint. */
export const DISTRIBUTED_CLAIMS = '/distributed-claims';
/** The one member of `_claim_sources`. */
const SOURCE = 'cohort';

/** What a token says instead of lists that are too long, whose first value ends at `end` (Unix milliseconds). */
export type Refer = (wanted: Wanted, claims: string[], end: number) => Record<string, unknown>;

/** Whose claims an application may fetch, and which: those of these scopes that it could read in this token. */
export interface Wanted {
  user: User;
  application: Application;
  use: ClaimUse;
  scopes: string[];
}

/** What the access token of a claim source holds, encrypted. */
interface Ticket {
  sub: string;
  client_id: string;
  use: ClaimUse;
  scopes: string[];
  exp: number;
}

export interface DistributedClaimsOptions {
  issuer: string;
  encryption: Encryption;
  now: Clock;
  /** How long claims can be fetched: as long as the token that refers to them is valid. */
  secondsOf(use: ClaimUse): number;
}

/** Distributed claims (OpenID Connect Core 5.6.2): for lists that are too long for a token. */
export function createReferences({ issuer, encryption, now, secondsOf }: DistributedClaimsOptions) {
  const refer: Refer = ({ user, application, use, scopes }, claims, end) => {
    const exp = expiryBefore(end, unixSeconds(now()) + secondsOf(use));
    const ticket: Ticket = { sub: user.id, client_id: application.id, use, scopes, exp };
    return referenceTo(claims, {
      endpoint: `${issuer}${DISTRIBUTED_CLAIMS}`,
      access_token: encryption.encrypt(PURPOSE, JSON.stringify(ticket)),
    });
  };

  /** Undefined for what was not made here, or is good no longer. */
  function open(accessToken: string): Ticket | undefined {
    try {
      // A cast, because only `refer` can encrypt for this purpose.
      const ticket = JSON.parse(encryption.decrypt(PURPOSE, accessToken)) as Ticket;
      return ticket.exp > unixSeconds(now()) ? ticket : undefined;
    } catch {
      return undefined;
    }
  }

  return { refer, open };
}

/** No later than the end of what is said. */
const expiryBefore = (end: number, exp: number) => Math.min(exp, Math.floor(end / 1000));

export type References = ReturnType<typeof createReferences>;

/** `_claim_names` and `_claim_sources` for claims that all come from one source. */
export const referenceTo = (claims: string[], source: { endpoint: string; access_token: string }) => ({
  _claim_names: Object.fromEntries(claims.map((claim) => [claim, SOURCE])),
  _claim_sources: { [SOURCE]: source },
});

export interface EndpointOptions {
  issuer: string;
  references: Pick<References, 'open'>;
  /** Undefined for who is gone or disabled. */
  findUser(id: string): Promise<User | undefined>;
  findApplication(clientId: string): Promise<Application | undefined>;
  /** Every claim that is wanted, however long. */
  read(wanted: Wanted): Promise<Record<string, unknown>>;
  /** When the first of these claims ends, in Unix milliseconds. */
  endOf(wanted: Wanted): Promise<number>;
  /** Whether a user may sign in to an application. */
  mayUse(user: User, clientId: string): Promise<boolean>;
  keySet(): KeySet;
  now: Clock;
}

/** Answers with a signed JWT of the claims as they are now. Applications in browsers may call it too: no cookie counts. */
export function distributedClaimsEndpoint(options: EndpointOptions): Middleware {
  const { references, findUser, findApplication, read, endOf, mayUse } = options;

  async function answer(ctx: Context): Promise<void> {
    const ticket = references.open(/^Bearer +(\S+)$/i.exec(ctx.get('authorization'))?.[1] ?? '');
    const user = ticket && (await findUser(ticket.sub));
    const application = ticket && (await findApplication(ticket.client_id));
    if (!ticket || !user || user.status === 'disabled' || !application) return refuse(ctx);
    if (!(await mayUse(user, application.id))) return refuse(ctx);
    const wanted = { user, application, use: ticket.use, scopes: ticket.scopes };
    const claims = await read(wanted);
    const exp = expiryBefore(await endOf(wanted), ticket.exp);
    ctx.type = 'application/jwt';
    ctx.body = await sign(options, { user, application, claims, exp });
  }

  async function answerByMethod(ctx: Context): Promise<void> {
    ctx.set({ 'cache-control': 'no-store', 'access-control-allow-origin': '*' });
    if (ctx.method === 'OPTIONS') {
      ctx.set({ 'access-control-allow-headers': 'authorization', 'access-control-allow-methods': 'GET' });
      ctx.status = 204;
    } else if (ctx.method === 'GET') {
      await answer(ctx).catch((error: unknown) => {
        if (!answerUnavailable(ctx, error)) throw error;
        completeUnavailable(ctx);
      });
    } else {
      ctx.set('allow', 'GET, OPTIONS');
      ctx.status = 405;
    }
  }

  return (ctx, next) => (ctx.path === DISTRIBUTED_CLAIMS ? answerByMethod(ctx) : next());
}

function refuse(ctx: Context): void {
  const error = 'invalid_token';
  const description = 'the access token is not valid or has expired';
  ctx.status = 401;
  // RFC 6750, section 3.
  ctx.set('www-authenticate', `Bearer error="${error}", error_description="${description}"`);
  ctx.body = { error, error_description: description };
}

interface Signed {
  user: User;
  application: Application;
  claims: Record<string, unknown>;
  /** Unix seconds. */
  exp: number;
}

/** With all that an ID token has, because applications verify it with the code that verifies ID tokens. */
async function sign(
  { issuer, keySet, now }: EndpointOptions,
  { user, application, claims, exp }: Signed,
): Promise<string> {
  const { keys } = keySet().jwks;
  const wanted = application.metadata['id_token_signed_response_alg'];
  const key = keys.find(({ alg }) => alg === wanted) ?? keys.find(({ alg }) => alg === 'RS256')!;
  return new SignJWT(claims)
    .setProtectedHeader({ alg: key.alg!, kid: key.kid!, typ: 'JWT' })
    .setIssuer(issuer)
    .setSubject(subjectFor(keySet(), user.id, application))
    .setAudience(application.id)
    .setIssuedAt(unixSeconds(now()))
    .setExpirationTime(exp)
    .sign(await importJWK(key, key.alg));
}
