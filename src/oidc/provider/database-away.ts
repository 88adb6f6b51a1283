import { errors, Provider, type Adapter, type AdapterFactory, type Configuration } from 'oidc-provider';
import type { Context } from 'koa';
import { isDatabaseAway } from '../../platform/db/away.ts';
import { UNAVAILABLE_SECONDS } from '../../platform/http/problems.ts';
import { isPlainObject } from '../../platform/plain-object.ts';

const CODE = 'temporarily_unavailable';

/**
 * RFC 6749, sections 4.1.2.1 and 5.2. As an error of the provider's own it goes where such an error goes: into the answer,
 * onto the provider's page, or with the redirect to an application whose redirect URI has been checked.
 */
class TemporarilyUnavailable extends errors.OIDCProviderError {
  override error_description = 'the database cannot be reached, try again soon';

  constructor(cause: unknown) {
    super(503, CODE);
    this.cause = cause;
    // The provider reports every error of 500 or more as its server_error unless it is exposed.
    this.expose = true;
  }
}

type Verb = (...args: never[]) => unknown;

/** The same function; if the database cannot be reached, it throws the provider's own error for that. */
export function translated<F extends Verb>(verb: F): F {
  const translate = (error: unknown): never => {
    if (error instanceof errors.OIDCProviderError || !isDatabaseAway(error)) throw error;
    const { ctx } = Provider;
    if (ctx) (ctx.state as { databaseAway?: unknown }).databaseAway = error;
    throw new TemporarilyUnavailable(error);
  };
  const call = (...args: never[]): unknown => {
    try {
      const result = verb(...args);
      return result instanceof Promise ? result.catch(translate) : result;
    } catch (error) {
      return translate(error);
    }
  };
  // A cast, because it takes and returns what `verb` does.
  return call as F;
}

/** Translates every function in an object, and in the plain objects in it. */
function translatedAll<T extends object>(verbs: T): T {
  const translateValue = (value: unknown): unknown => {
    if (typeof value === 'function') return translated(value as Verb);
    return isPlainObject(value) ? translatedAll(value) : value;
  };
  return Object.fromEntries(Object.entries(verbs).map(([name, value]) => [name, translateValue(value)])) as T;
}

/** The configuration with all that may ask the database: the stored models, the accounts, the policy and every function. */
export function tellWhenDatabaseIsAway({
  adapter,
  findAccount,
  interactions,
  ...others
}: Configuration): Configuration {
  const toAdapter = adapter as AdapterFactory;
  for (const { checks } of interactions!.policy!) {
    for (const check of checks) check.check = translated(check.check);
  }
  return {
    ...translatedAll(others),
    adapter: (name: string) => translatedAdapter(name, toAdapter(name)),
    findAccount: translated(async (ctx, id, token) => {
      const account = await findAccount!(ctx, id, token);
      return account && { ...account, claims: translated(account.claims) };
    }),
    interactions: interactions!,
  };
}

function translatedAdapter(name: string, adapter: Adapter): Adapter {
  const verbs = translatedAll(adapter);
  if (name !== 'DeviceCode') return verbs;
  return {
    ...verbs,
    // The provider notes a failed step of the sign-in on the device code, which would end it for a moment without database.
    upsert: async (id, payload, expiresIn) =>
      payload['error'] === CODE ? undefined : verbs.upsert(id, payload, expiresIn),
  };
}

export const isTemporarilyUnavailable = (out: { error?: string } | undefined): boolean => out?.error === CODE;

/** Completes an answer of the provider's that says so. */
export function completeUnavailable(ctx: Context): void {
  if (ctx.status !== 503) return;
  ctx.set('Retry-After', String(UNAVAILABLE_SECONDS));
  // The provider also sets it for errors that have nothing to do with the token.
  ctx.remove('WWW-Authenticate');
}

/** For what fails outside the provider's own net. A browser gets the page that others get; false says that it has to. */
export function answerUnavailable(ctx: Context, error: unknown): boolean {
  if (!isDatabaseAway(error) || ctx.accepts('json', 'html') === 'html') return false;
  const { error_description } = new TemporarilyUnavailable(error);
  (ctx.state as { databaseAway?: unknown }).databaseAway = error;
  ctx.status = 503;
  ctx.body = { error: CODE, error_description };
  return true;
}
