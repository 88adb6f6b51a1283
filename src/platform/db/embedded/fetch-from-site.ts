import { createWriteStream } from 'node:fs';
import { rename, writeFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import type { Staging } from './mongod-cache.ts';
import { MONGOD } from './programs.ts';
import { sha256Of } from './sha256.ts';

/**
 * The server that is fetched: of the major release with the longest support, not
 * one of the minor ones between. An upgrade of the major release here would leave
 * the data folders of earlier starts unreadable, which need one step at a time.
 */
const VERSION = '8.0.29';

const ANSWER_WITHIN_MS = 8_000;
const DOWNLOAD_WITHIN_MS = 20 * 60_000;

/** What a fetch from MongoDB's own download site needs. */
export interface SiteOptions {
  /** a mirror with the site's paths, e.g. `https://mirror.example/mongodb`; MongoDB's own site when undefined */
  site: string | undefined;
  staging: Staging;
  /** told once the site has answered, before the long part */
  say: (line: string) => void;
}

/**
 * Fetches this machine's archive, compares it with the SHA-256 that the site
 * publishes beside it, and only then unpacks it. The digest comes first: it is
 * small, so an unreachable site is known within 8 seconds. Certificates are verified;
 * a proxy is used when Node is told to, by NODE_USE_ENV_PROXY=1.
 */
export async function fetchFromSite({ site, staging, say }: SiteOptions): Promise<void> {
  const address = await archiveAddress(site);
  const published = await publishedDigest(`${address}.sha256`);
  say(`Downloading a MongoDB server (only once): ${address}`);
  const archive = join(staging.scratch, basename(address));
  await download(address, archive);
  if ((await sha256Of(archive)) !== published)
    throw new Error(`the SHA-256 of ${address} differs from the published one`);
  await unpack(archive, staging);
  await writeFile(join(staging.entry, 'ORIGIN'), `${address}\nSHA-256 ${published}\n`);
}

async function archiveAddress(site: string | undefined): Promise<string> {
  const { MongoBinaryDownloadUrl } = await import('mongodb-memory-server-core/lib/util/MongoBinaryDownloadUrl.js');
  const address = await new MongoBinaryDownloadUrl(await thisMachine()).getDownloadUrl();
  return site === undefined ? address : site.replace(/\/+$/, '') + new URL(address).pathname;
}

async function thisMachine() {
  const { getOS } = await import('mongodb-memory-server-core/lib/util/getos/index.js');
  return { version: VERSION, platform: process.platform, arch: process.arch, os: await getOS() };
}

async function publishedDigest(address: string): Promise<string> {
  const response = await fetch(address, { signal: AbortSignal.timeout(ANSWER_WITHIN_MS) });
  assertOk(response);
  const digest = /^[0-9a-f]{64}\b/.exec(await response.text());
  if (!digest) throw new Error(`${address} does not contain a SHA-256`);
  return digest[0];
}

async function download(address: string, to: string): Promise<void> {
  const response = await fetch(address, { signal: AbortSignal.timeout(DOWNLOAD_WITHIN_MS) });
  assertOk(response);
  if (!response.body) throw new Error(`${address} is empty`);
  await pipeline(response.body, createWriteStream(to));
}

function assertOk({ ok, status, url }: Response): void {
  if (!ok) throw new Error(`${url} answered ${status}`);
}

/** Only the library's unpacking is used: its downloading switches the verification of TLS certificates off. */
async function unpack(archive: string, { entry, scratch }: Staging): Promise<void> {
  const { MongoBinaryDownload } = await import('mongodb-memory-server-core/lib/util/MongoBinaryDownload.js');
  const unpacker = new MongoBinaryDownload({ ...(await thisMachine()), downloadDir: scratch });
  await rename(await unpacker.extract(archive), join(entry, MONGOD));
}
