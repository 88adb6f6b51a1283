import type { KoaContextWithOIDC } from 'oidc-provider';
import type { PublicDocument } from '../../platform/http/documents.ts';
import type { AskProvider } from './ask-provider.ts';

/** OpenID Connect Discovery 1.0, section 4; RFC 8414, section 3; and the keys (RFC 7517, section 5). */
export const PUBLISHED = ['/jwks', '/.well-known/openid-configuration', '/.well-known/oauth-authorization-server'];

/** What a provider says of itself to everyone, in the same bytes as it answers a request. It does not change with requests. */
export async function readPublished(
  ask: AskProvider,
  complete: (ctx: KoaContextWithOIDC) => Promise<void>,
): Promise<Map<string, PublicDocument>> {
  const published = new Map<string, PublicDocument>();
  for (const path of PUBLISHED) {
    const ctx = await ask(path);
    await complete(ctx);
    const content = Buffer.from(JSON.stringify(ctx.body));
    published.set(path, { type: ctx.response.get('Content-Type'), content, isForAnyOrigin: true });
  }
  return published;
}
