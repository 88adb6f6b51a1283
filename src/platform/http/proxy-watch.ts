import type { Middleware } from 'koa';
import type { Log } from './log.ts';

/** Notices that there is a proxy that nobody has told Cohort of. */
export interface ProxyWatch {
  middleware: Middleware;
  /** Whether all users seem to have the proxy's IP address. */
  isUntrusted(): boolean;
}

/**
 * An https issuer is reached through a proxy, since Cohort itself has no TLS. Without `COHORT_TRUSTED_PROXIES` its address
 * counts as that of every user, and a hundred failed sign-ins from anywhere limit the sign-in for all of them.
 */
export function createProxyWatch({
  issuer,
  trustedProxies,
  log,
}: {
  issuer: string;
  trustedProxies: number;
  log: Log;
}): ProxyWatch {
  const isWatching = issuer.startsWith('https:') && trustedProxies === 0;
  let isSeen = false;

  return {
    middleware(ctx, next) {
      if (isWatching && !isSeen && ctx.get('x-forwarded-for') !== '') {
        isSeen = true;
        log.warn(
          'requests come through a proxy, but COHORT_TRUSTED_PROXIES is 0: all users count as one IP address in rate limits and the audit log',
        );
      }
      return next();
    },
    isUntrusted: () => isSeen,
  };
}
