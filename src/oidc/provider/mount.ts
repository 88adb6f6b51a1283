import compose from 'koa-compose';
import type { Context, Middleware } from 'koa';
import { createLocalJWKSet, type JWTVerifyGetKey } from 'jose';
import type Provider from 'oidc-provider';
import type { KoaContextWithOIDC } from 'oidc-provider';
import { answerUnavailable, completeUnavailable } from './database-away.ts';
import { toPublic } from '../keys/key.ts';
import type { Keys, KeySet } from '../keys/keys.ts';

export type Mount = ReturnType<typeof createMount>;

export interface MountOptions {
  keys: Keys;
  build(keySet: KeySet): Provider;
  /** Has the provider answer. */
  around(ctx: Context, answer: () => Promise<void>): Promise<void>;
  /** Runs after the provider answered, on the same context. */
  after(ctx: KoaContextWithOIDC): Promise<void>;
  /** Told what was answered for with "temporarily unavailable". */
  onDatabaseAway(error: unknown, ctx: Context): void;
}

/** Serves the provider, and puts a new one in its place when the keys changed; requests in flight finish on the old one. */
export function createMount({ keys, build, around, after, onDatabaseAway }: MountOptions) {
  let keySet: KeySet | undefined;
  let provider: Provider | undefined;
  let answer: Middleware | undefined;
  let cookieKeys: string[] = [];
  let verification: JWTVerifyGetKey | undefined;
  let reloading = Promise.resolve();

  /** One reload after the other, so that an older set of keys never replaces a newer one. */
  function reload(): Promise<void> {
    reloading = reloading.catch(() => {}).then(load);
    return reloading;
  }

  async function load(): Promise<void> {
    const set = await keys.current();
    if (set.fingerprint === keySet?.fingerprint) return;
    const next = build(set);
    // The provider's own pages read its context's `app`, which is ours; its middleware is one router.
    answer = compose(next.middleware) as Middleware;
    provider = next;
    cookieKeys = set.cookieKeys;
    verification = createLocalJWKSet({ keys: set.jwks.keys.map(toPublic) });
    keySet = set;
  }

  const middleware: Middleware = async (ctx, next) => {
    ctx.app.keys = cookieKeys;
    try {
      await around(ctx, async () => void (await answer!(ctx, next)));
      if ('oidc' in ctx) await after(ctx as unknown as KoaContextWithOIDC);
    } catch (error) {
      if (!answerUnavailable(ctx, error)) forgiveUnsavedSession(error);
    }
    completeUnavailable(ctx);
    const { databaseAway } = ctx.state as { databaseAway?: unknown };
    if (databaseAway) onDatabaseAway(databaseAway, ctx);
  };

  return {
    reload,
    middleware,
    current(): Provider {
      if (!provider) throw new Error('The provider has not been started yet.');
      return provider;
    },
    /** What is signed with now. */
    keySet(): KeySet {
      if (!keySet) throw new Error('The provider has not been started yet, so there are no keys.');
      return keySet;
    },
    /** Finds the public key that a token of this Cohort was signed with. */
    verificationKey: ((header, token) => {
      if (!verification) throw new Error('The provider has not been started yet, so there are no keys.');
      return verification(header, token);
    }) as JWTVerifyGetKey,
  };
}

// The provider's device pages write to a session that was never saved and then fail to save it; their own answer, that
// the form has run out, stands in the response already.
function forgiveUnsavedSession(error: unknown): void {
  if (!(error instanceof TypeError) || !error.message.includes('previously persisted')) throw error;
}
