import compose from 'koa-compose';
import type { Context, Middleware } from 'koa';
import { createLocalJWKSet, type JWTVerifyGetKey } from 'jose';
import type Provider from 'oidc-provider';
import type { KoaContextWithOIDC } from 'oidc-provider';
import { restOn } from '../../platform/basis.ts';
import type { PublicDocument } from '../../platform/http/documents.ts';
import { createAskProvider } from './ask-provider.ts';
import { answerUnavailable, completeUnavailable } from './database-away.ts';
import { PUBLISHED, readPublished } from './published-documents.ts';
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
  let published: Map<string, PublicDocument> | undefined;
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
    const documents = await readPublished(createAskProvider(next), after);
    // The provider's own pages read its context's `app`, which is ours; its middleware is one router.
    answer = compose(next.middleware) as Middleware;
    provider = next;
    cookieKeys = set.cookieKeys;
    verification = createLocalJWKSet({ keys: set.jwks.keys.map(toPublic) });
    published = documents;
    keySet = set;
  }

  // Apart from the request, which would be kept as long as its answer.
  const stillIs = (before: Provider | undefined) => () => provider === before;

  const middleware: Middleware = async (ctx, next) => {
    restOn(stillIs(provider));
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
    /** What it publishes, which changes with the keys. */
    documents: Object.fromEntries(PUBLISHED.map((path) => [path, () => started(published).get(path)!])),
    middleware,
    current: (): Provider => started(provider),
    /** What is signed with now. */
    keySet: (): KeySet => started(keySet),
    /** Finds the public key that a token of this Cohort was signed with. */
    verificationKey: ((header, token) => started(verification)(header, token)) as JWTVerifyGetKey,
  };
}

function started<T>(made: T | undefined): T {
  if (made === undefined) throw new Error('The provider has not been started yet.');
  return made;
}

// The provider's device pages write to a session that was never saved and then fail to save it; their own answer, that
// the form has run out, stands in the response already.
function forgiveUnsavedSession(error: unknown): void {
  if (!(error instanceof TypeError) || !error.message.includes('previously persisted')) throw error;
}
