import type Provider from 'oidc-provider';
import { isLoopbackHost } from '../../../config/shapes.ts';

interface Schema {
  redirect_uris?: string[];
  redirectUris(this: Schema, uris?: string[], label?: string): void;
}

/**
 * Has clients take every loopback host that applications may have (`applications/redirect-uri.ts`). The provider knows three
 * of them, and refuses native clients with another one at their first sign-in.
 */
export function takeLoopbackNames(provider: Provider): void {
  // A cast, because the types of oidc-provider leave the schema out.
  const { prototype } = (provider.Client as unknown as { Schema: { prototype: Schema } }).Schema;
  const { redirectUris } = prototype;
  prototype.redirectUris = function (this: Schema, uris = this.redirect_uris ?? [], label = 'redirect_uris') {
    redirectUris.call(this, uris.map(withKnownHost), label);
  };
}

function withKnownHost(uri: string): string {
  const url = URL.parse(uri);
  if (!url || url.protocol !== 'http:' || !isLoopbackHost(url.hostname)) return uri;
  url.hostname = 'localhost';
  return url.href;
}
