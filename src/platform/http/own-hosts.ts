import type { IncomingMessage } from 'node:http';
import type { Middleware } from 'koa';
import { isLoopbackHost } from '../../../config/shapes.ts';
import { defineError } from '../errors.ts';
import { refuse } from './refusal.ts';
import type { ShowPage } from './show-page.ts';

export const ForeignHost = defineError(
  'misdirected',
  'foreign_host',
  'This Cohort only accepts host names of its own machine, such as localhost. To serve others, set COHORT_ISSUER.',
);

export interface OwnHostsOptions {
  issuer: string;
  /** Where it listens. */
  host: string;
}

/** Whether a request is for a host name of ours. */
export type OwnHost = (req: IncomingMessage) => boolean;

/**
 * An issuer on loopback answers to the names of its own machine only. Any website can have its own name point at 127.0.0.1
 * and then read, as its own origin, what a developer's Cohort shows without a sign-in: the emails at /dev/mail, the link
 * for the first owner (DNS rebinding). Other issuers are reached under public names, and their proxies see to it.
 */
export function ownHosts({ issuer, host }: OwnHostsOptions): OwnHost {
  const { hostname } = new URL(issuer);
  if (!isLoopbackHost(hostname)) return () => true;
  const own = new Set([hostname, host.toLowerCase()]);
  // The header of nearly every request is the same.
  let last: { header: string | undefined; name: string | undefined } | undefined;

  function nameIn(header: string | undefined): string | undefined {
    if (last?.header !== header) last = { header, name: hostnameOf(header) };
    return last!.name;
  }

  return (req) => {
    const asked = nameIn(req.headers.host);
    return asked !== undefined && (own.has(asked) || isOfThisMachine(asked, req));
  };
}

/** Refuses the others. */
export function answerOwnHostsOnly(isOwn: OwnHost, { showPage }: { showPage: ShowPage }): Middleware {
  return (ctx, next) => (isOwn(ctx.req) ? next() : refuse(ctx, showPage, ForeignHost()));
}

/** Undefined for what is no host; a browser always sends one. */
function hostnameOf(header: string | undefined): string | undefined {
  if (!header || !/^(\[[0-9a-f:.]+\]|[\w.-]+)(:\d{1,5})?$/i.test(header)) return undefined;
  return URL.parse(`http://${header}`)?.hostname.replace(/\.$/, '');
}

/** Also the address at which the request arrived, as health checks of a container use it: no website has an address for a name. */
function isOfThisMachine(name: string, { socket }: IncomingMessage): boolean {
  const arrivedAt = socket.localAddress?.replace(/^::ffff:(?=\d+\.)/, '');
  return isLoopbackHost(name) || [arrivedAt, `[${arrivedAt}]`].includes(name);
}
