import { createWriteStream } from 'node:fs';
import { readFile, writeFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { downloadPath } from './download-path.ts';
import type { Staging } from './mongod-cache.ts';
import { MONGOD } from './programs.ts';
import { sha256Of } from './sha256.ts';
import { unzip } from './unzip.ts';

/**
 * The server that is fetched: of the major release with the longest support, not
 * one of the minor ones between. An upgrade of the major release here would leave
 * the data folders of earlier starts unreadable, which need one step at a time.
 */
const VERSION = '8.0.29';

const SITE = 'https://fastdl.mongodb.org';

const ANSWER_WITHIN_MS = 8_000;
const DOWNLOAD_WITHIN_MS = 20 * 60_000;

/** What a fetch from MongoDB's own download site needs. */
export interface SiteOptions {
  /** a mirror with the site's paths, e.g. `https://mirror.example/mongodb`; MongoDB's own site when undefined */
  site?: string | undefined;
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
export async function fetchFromSite({ site = SITE, staging, say }: SiteOptions): Promise<void> {
  const address = site.replace(/\/+$/, '') + downloadPath(VERSION, await thisMachine());
  const published = await publishedDigest(`${address}.sha256`);
  say(`Downloading a MongoDB server (only once): ${address}`);
  const archive = join(staging.scratch, basename(address));
  await download(address, archive);
  if ((await sha256Of(archive)) !== published)
    throw new Error(`the SHA-256 of ${address} differs from the published one`);
  await unpack(archive, staging);
  await writeFile(join(staging.entry, 'ORIGIN'), `${address}\nSHA-256 ${published}\n`);
}

async function thisMachine() {
  const { platform, arch } = process;
  return { platform, arch, osRelease: platform === 'linux' ? await readFile('/etc/os-release', 'utf8') : '' };
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

async function unpack(archive: string, { entry }: Staging): Promise<void> {
  if (archive.endsWith('.zip')) return unzip(archive, entry, [{ ending: `/bin/${MONGOD}`, as: MONGOD }]);
  // Loaded here, because it is an optional package that a machine with a `mongod` of its own does without.
  const { extract } = await import('tar');
  // Without the two folders that it is in.
  await extract({ file: archive, cwd: entry, strip: 2, filter: (path) => path.endsWith(`/bin/${MONGOD}`) });
}
