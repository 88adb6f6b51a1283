import { AsyncLocalStorage } from 'node:async_hooks';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { parseCookie, stringifySetCookie } from 'cookie';
import { errors, Provider, type Adapter, type AdapterPayload } from 'oidc-provider';
import { openPresented, type Encryption } from '../../platform/encryption.ts';
import { basePathOf, isHttps } from '../../platform/issuer.ts';
import type { ProofMark } from '../../directory/users/proof.ts';
import { loginOf } from '../sessions/proof-marks.ts';
import type { EndedTokens } from './ended-tokens.mongo.ts';

export interface CarriedInteractionsOptions {
  encryption: Encryption;
  issuer: string;
  /** For those that do not fit into a cookie. */
  stored: Adapter;
  end: EndedTokens['end'];
  /** Whether a proof of identity still counts. */
  stands(proof: { accountId?: string; proofMark?: ProofMark }): Promise<boolean>;
}

/** A request of a browser, and the response to it. */
export interface Exchange {
  req: IncomingMessage;
  res: ServerResponse;
}

/** Browsers take 4,096; proxies commonly take no more than that for all headers of a response. */
const MOST_CHARACTERS = 2000;
const LONGEST_SECONDS = 24 * 3600;

const exchanges = new AsyncLocalStorage<Exchange>();

/** Has the interactions of this exchange be found where it is not a request to the provider: on the pages of a sign-in. */
export const inExchange = <T>(exchange: Exchange, work: () => Promise<T>): Promise<T> => exchanges.run(exchange, work);

/**
 * Interactions that the browser carries: an encrypted cookie at the address of its page, and with a result also at the address
 * where the provider goes on. Beginning one and answering it write nothing; ending it inserts its id, so that of any number of
 * copies, on any nodes, one goes on.
 */
export function carriedInteractions(options: CarriedInteractionsOptions): Adapter {
  const { encryption, issuer, stored, end, stands } = options;
  const isSecure = isHttps(issuer);
  const cookieName = `${isSecure ? '__Secure-' : ''}interaction_state`;
  const purposeOf = (id: string) => `interaction:${issuer}:${id}`;

  /** What the browser brings along; undefined where that is nothing, or belongs to another interaction. */
  function carriedBy({ req }: Exchange, id: string): AdapterPayload | undefined {
    const state = parseCookie(req.headers.cookie ?? '')[cookieName];
    const text = state && openPresented(encryption, purposeOf(id), state);
    return text ? (JSON.parse(text) as AdapterPayload) : undefined;
  }

  function setCookie({ res }: Exchange, path: string, value: string, maxAge: number): void {
    const attributes = { path, maxAge, httpOnly: true, sameSite: 'lax', secure: isSecure } as const;
    res.appendHeader('Set-Cookie', stringifySetCookie({ name: cookieName, value, ...attributes }));
  }

  return {
    ...stored,

    async upsert(id, whole, expiresIn = 0) {
      const exchange = currentExchange();
      const payload = withoutCookie(whole);
      const state = encryption.encrypt(purposeOf(id), JSON.stringify(payload));
      if (!exchange || state.length > MOST_CHARACTERS) return stored.upsert(id, payload, expiresIn);
      setCookie(exchange, payload.result ? resumeOf(payload) : pageOf(issuer, id), state, expiresIn);
    },

    async find(id) {
      const exchange = currentExchange();
      const payload = exchange && carriedBy(exchange, id);
      if (!payload) return stored.find(id);
      const login = loginOf(payload.result);
      const isProved = !login || (await stands({ accountId: login.accountId, proofMark: login.proofMark ?? 0 }));
      return isProved ? payload : undefined;
    },

    async destroy(id) {
      const exchange = currentExchange();
      const payload = exchange && carriedBy(exchange, id);
      const exp = payload?.exp ?? Math.floor(Date.now() / 1000) + LONGEST_SECONDS;
      // Decided here, and not where it was found: copies of the cookie may come at once.
      if (!(await end({ jti: `interaction ${id}`, exp })))
        throw new errors.SessionNotFound('the interaction has ended');
      if (!payload) return stored.destroy(id);
      for (const path of [pageOf(issuer, id), resumeOf(payload)]) setCookie(exchange, path, '', 0);
    },
  };
}

const currentExchange = (): Exchange | undefined => Provider.ctx ?? exchanges.getStore();

/** Without the id of the session's cookie: it is a bearer secret, and the provider never reads it back. */
function withoutCookie({ session, ...payload }: AdapterPayload): AdapterPayload {
  if (!session) return payload;
  const { cookie: _bearer, ...rest } = session as typeof session & { cookie?: string };
  return { ...payload, session: rest };
}

/** The path of its page, for a browser. */
export const pageOf = (issuer: string, id: string): string => `${basePathOf(issuer)}/interaction/${id}`;

/** Where the provider goes on with it. */
const resumeOf = ({ returnTo }: AdapterPayload): string => new URL(String(returnTo)).pathname;
