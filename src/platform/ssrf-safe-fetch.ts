import { lookup } from 'node:dns/promises';
import { BlockList, isIP, isIPv6 } from 'node:net';
import type { Agent, buildConnector } from 'undici';
import type { Config } from '../../config/schema.ts';
import { isLoopbackHost } from '../../config/shapes.ts';

const TIMEOUT_MS = 2500;

/** Networks that are nobody's business from outside (RFC 6890): loopback, private, link-local, and their like. */
const special = new BlockList();
for (const [network, prefix] of [
  ['0.0.0.0', 8],
  ['10.0.0.0', 8],
  ['100.64.0.0', 10],
  ['127.0.0.0', 8],
  ['169.254.0.0', 16],
  ['172.16.0.0', 12],
  ['192.0.0.0', 24],
  ['192.0.2.0', 24],
  ['192.88.99.0', 24],
  ['192.168.0.0', 16],
  ['198.18.0.0', 15],
  ['198.51.100.0', 24],
  ['203.0.113.0', 24],
  ['224.0.0.0', 3],
] as const) {
  special.addSubnet(network, prefix, 'ipv4');
}
for (const [network, prefix] of [
  ['::', 96],
  ['::ffff:0:0:0', 96],
  ['64:ff9b::', 96],
  ['64:ff9b:1::', 48],
  ['100::', 64],
  ['2001::', 23],
  ['2001:db8::', 32],
  ['2002::', 16],
  ['3fff::', 20],
  ['fc00::', 7],
  ['fe80::', 10],
  ['fec0::', 10],
  ['ff00::', 8],
] as const) {
  special.addSubnet(network, prefix, 'ipv6');
}

/** True for an IP address that an outsider must not be able to make the server call. IPv4 inside IPv6 counts as IPv4. */
export function isSpecialAddress(address: string): boolean {
  const [, mapped] = /^::ffff:(\d+\.\d+\.\d+\.\d+)$/i.exec(address) ?? [];
  return special.check(mapped ?? address, isIPv6(mapped ?? address) ? 'ipv6' : 'ipv4');
}

/** What the operator says of URLs into private networks; where the issuer is on loopback, so is everything that it works with. */
export function mayCallPrivateNetworks({
  privateAddresses,
  issuer,
}: Pick<Config, 'privateAddresses' | 'issuer'>): boolean {
  return privateAddresses === 'on' || (privateAddresses === 'auto' && isLoopbackHost(new URL(issuer).hostname));
}

/**
 * An SSRF-safe `fetch` for URLs that a user entered (jwks_uri, sector identifiers, logout URIs). It resolves the name
 * once, checks the result and connects to exactly that IP address, so that a second answer of the name server cannot
 * lead elsewhere. No redirects, and a short time limit.
 */
export function createSsrfSafeFetch({
  allowPrivate,
  timeoutMs = TIMEOUT_MS,
}: {
  allowPrivate: boolean;
  timeoutMs?: number;
}): typeof globalThis.fetch {
  let agent: Agent | undefined;
  const guarded = async (url: string | URL, { dispatcher: _replaced, ...init }: Record<string, unknown> = {}) => {
    // Loaded at its first use, because many a node never fetches anything.
    const undici = await import('undici');
    agent ??= new undici.Agent({
      connect: connectToPublic(undici.buildConnector({ timeout: TIMEOUT_MS }), allowPrivate),
    });
    const signal = AbortSignal.timeout(timeoutMs);
    return undici.fetch(url, { ...init, redirect: 'error', dispatcher: agent, signal });
  };
  // undici's fetch is the one that Node carries; its types are merely declared a second time.
  return guarded as unknown as typeof globalThis.fetch;
}

function connectToPublic(connect: buildConnector.connector, allowPrivate: boolean): buildConnector.connector {
  return (target, callback) => {
    resolvePublic(target.hostname, allowPrivate).then(
      (address) =>
        connect(
          { ...target, hostname: address, servername: target.servername ?? serverName(target.hostname) },
          callback,
        ),
      (error: Error) => callback(error, null),
    );
  };
}

async function resolvePublic(hostname: string, allowPrivate: boolean): Promise<string> {
  const plain = hostname.replace(/^\[|\]$/g, '');
  const { address } = isIP(plain) ? { address: plain } : await lookup(plain);
  if (!allowPrivate && isSpecialAddress(address))
    throw new Error(`${hostname} resolves to an address in a private or special-purpose network.`);
  return address;
}

// TLS is checked against the name, never against the address that was connected to.
function serverName(hostname: string): string {
  return isIP(hostname.replace(/^\[|\]$/g, '')) ? '' : hostname;
}
