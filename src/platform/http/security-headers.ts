import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Context, Middleware } from 'koa';
import helmet from 'helmet';

const POLICY = {
  'default-src': ["'none'"],
  'script-src': ["'self'"],
  'style-src': ["'self'"],
  'img-src': ["'self'", 'data:'],
  'font-src': ["'self'"],
  'connect-src': ["'self'"],
  'base-uri': ["'none'"],
  'frame-ancestors': ["'none'"],
};

/** What helmet sets that means something for pages only. An answer to a program is smaller without it. */
const OF_PAGES = [
  'Origin-Agent-Cluster',
  'X-DNS-Prefetch-Control',
  'X-Download-Options',
  'X-Permitted-Cross-Domain-Policies',
  'X-XSS-Protection',
];

/** The headers of every answer. No inline script or style anywhere, no framing, no sniffing. */
export const headersOfEveryAnswer = ({ https }: { https: boolean }): Record<string, string> => ({
  ...helmetHeaders({ https, ofPages: false }),
  'Content-Security-Policy': toPolicy(POLICY),
});

const headersOfPages = helmetHeaders({ https: false, ofPages: true });

/** Sets them before anything else, so that an answer may replace one. */
export function securityHeaders(headers: Record<string, string>): Middleware {
  return (ctx, next) => {
    ctx.set(headers);
    return next();
  };
}

/** What helmet sets, computed once: of pages only, or all the rest. */
function helmetHeaders({ https, ofPages }: { https: boolean; ofPages: boolean }): Record<string, string> {
  const headers: Record<string, string> = {};
  const collector = {
    setHeader(name: string, value: string) {
      if (OF_PAGES.includes(name) === ofPages) headers[name] = value;
    },
    removeHeader: () => {},
  };
  const set = helmet({
    // Set here, because it is the one that pages change; and without form-action, since the provider answers some requests
    // with a form that leads to the application.
    contentSecurityPolicy: false,
    frameguard: { action: 'deny' },
    // An application that opens the sign-in in a window of its own would lose it, however much the policy allows.
    crossOriginOpenerPolicy: false,
    // JWKS and discovery are read from other origins.
    crossOriginResourcePolicy: false,
    strictTransportSecurity: https ? { maxAge: 31_536_000, includeSubDomains: false } : false,
    // Not no-referrer: browsers would send `Origin: null` with our own forms then.
    referrerPolicy: { policy: 'same-origin' },
  });
  set({} as IncomingMessage, collector as unknown as ServerResponse, () => {});
  return headers;
}

/**
 * Sets the headers of a page. Its forms may lead here, and to the origins of `formTargets`: Chromium refuses a POST when the
 * redirects end elsewhere, so a sign-in page must name the application that it leads back to.
 */
export function setPageHeaders(
  ctx: Context,
  page: { formTargets?: string[]; formLeadsAnywhere?: true; inlineStyles?: true },
): void {
  const sources = (page.formTargets ?? []).map(toSource).filter((source) => source !== undefined);
  const styles = page.inlineStyles ? { 'style-src': ["'self'", "'unsafe-inline'"] } : {};
  const targets = page.formLeadsAnywhere ? {} : { 'form-action': ["'self'", ...sources] };
  ctx.set({ ...headersOfPages, 'Content-Security-Policy': toPolicy({ ...POLICY, ...styles, ...targets }) });
}

/** A host source or a scheme source (CSP Level 3, section 2.3.1), without a character that could end it. */
const SOURCE = /^(?:https?:\/\/(?:[a-z0-9._-]+|\[[0-9a-f:.]+\])(?::[0-9]+)?|[a-z][a-z0-9+.-]*:)$/;

/** A parsed host may still hold `;`, `,` and quotes (WHATWG URL, section 3.5), which would begin another directive or policy. */
function toSource(target: string): string | undefined {
  const url = URL.parse(target);
  if (!url) return undefined;
  const source = url.origin === 'null' ? url.protocol : url.origin;
  return SOURCE.test(source) ? source : undefined;
}

function toPolicy(directives: Record<string, string[]>): string {
  return Object.entries(directives)
    .map(([name, sources]) => `${name} ${sources.join(' ')}`)
    .join('; ');
}
