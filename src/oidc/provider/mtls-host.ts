import type { Context, Middleware } from 'koa';
import type { KoaContextWithOIDC } from 'oidc-provider';
import type { Config } from '../../../config/schema.ts';

/** The endpoints that an application calls itself, with its certificate (RFC 8705, section 5). */
const ENDPOINTS = [
  'token_endpoint',
  'revocation_endpoint',
  'introspection_endpoint',
  'device_authorization_endpoint',
  'pushed_authorization_request_endpoint',
  'backchannel_authentication_endpoint',
  'userinfo_endpoint',
];

type Settings = Pick<Config, 'issuer' | 'clientCertificateOrigin'>;

/**
 * Has the provider know that an application has called it at this host: a DPoP proof names the address that was called
 * (RFC 9449, section 4.3). The proxy says which it was.
 */
export function noticeMtlsHost({ clientCertificateOrigin: origin }: Settings): Middleware {
  if (!origin) return (_ctx, next) => next();
  const { host, protocol } = new URL(origin);
  return (ctx, next) => {
    if (calledHost(ctx) === host)
      Object.defineProperties(ctx.request, { host: { value: host }, protocol: { value: protocol.slice(0, -1) } });
    return next();
  };
}

function calledHost(ctx: Context): string | undefined {
  const said = (ctx.app.proxy && ctx.get('x-forwarded-host')) || ctx.get('host');
  return said.split(',', 1)[0]?.trim().toLowerCase();
}

/** Tells applications at which host they can show a certificate, and users at which they need none. */
export function announceMtlsHost(ctx: KoaContextWithOIDC, { issuer, clientCertificateOrigin: origin }: Settings): void {
  // A cast, because both of these replies are objects.
  const body = ctx.body as Record<string, unknown>;
  if (!origin || ctx.status !== 200) return;
  if (ctx.oidc.route === 'discovery') {
    const aliases: Record<string, string> = {};
    for (const name of ENDPOINTS) if (typeof body[name] === 'string') aliases[name] = movedTo(origin, body[name]);
    ctx.body = { ...body, mtls_endpoint_aliases: aliases };
  }
  if (ctx.oidc.route === 'device_authorization') {
    // The provider names the host that the application has called.
    for (const name of ['verification_uri', 'verification_uri_complete'])
      body[name] = movedTo(new URL(issuer).origin, body[name] as string);
  }
}

function movedTo(origin: string, address: string): string {
  const { pathname, search } = new URL(address);
  return `${origin}${pathname}${search}`;
}
