import type { KoaContextWithOIDC } from 'oidc-provider';

const DESCRIPTION = 'this access token is for an API; request one without resource to call userinfo';
const IS_JWT = /^(?:Bearer|DPoP) +[\w-]+\.[\w-]+\.[\w-]+$/i;

/** Says why userinfo refuses a JWT access token: the provider does not know it, and calls it invalid without a reason. */
export function explainApiToken(ctx: KoaContextWithOIDC): void {
  const body = ctx.body as { error?: string } | undefined;
  if (ctx.oidc.route !== 'userinfo' || body?.error !== 'invalid_token' || !IS_JWT.test(ctx.get('authorization')))
    return;
  ctx.body = { ...body, error_description: DESCRIPTION };
  const challenge = ctx.response.get('www-authenticate');
  // RFC 6750, section 3.
  if (challenge)
    ctx.set('www-authenticate', challenge.replace(/error_description="[^"]*"/, `error_description="${DESCRIPTION}"`));
}
