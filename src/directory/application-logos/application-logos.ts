import { createHash } from 'node:crypto';
import type { Clock } from '../../platform/clock.ts';
import type { Log } from '../../platform/http/log.ts';
import type { Application } from '../applications/application.ts';
import type { ApplicationLogo, ApplicationLogoStore, LogoImage } from './application-logo.ts';
import { imageTypeOf } from './image.ts';

const MOST_BYTES = 256 * 1024;
/** One that could not be fetched is tried again sooner. */
const SHOWN_MS = 24 * 3600_000;
const MISSED_MS = 600_000;
/** The path of all logos. */
export const LOGOS = '/logos/';

export interface ApplicationLogosOptions {
  store: ApplicationLogoStore;
  /** Every application with a logo, and where it is. */
  withLogos(): Promise<{ id: string; uri: string }[]>;
  /** SSRF-safe, since applications that register themselves say where their logo is. */
  fetch: typeof globalThis.fetch;
  now: Clock;
  log: Log;
}

export type ApplicationLogos = ReturnType<typeof createApplicationLogos>;

/** The logos of applications: fetched and checked by Cohort, which shows them from its own origin. */
export function createApplicationLogos({ store, withLogos, fetch, now, log }: ApplicationLogosOptions) {
  /** Fetches what is new or due, one after the other, and forgets logos that no application has any more. */
  async function refresh(stopping: AbortSignal): Promise<void> {
    const wanted = await withLogos();
    const known = new Map((await store.list()).map((logo) => [logo.clientId, logo]));
    for (const { id, uri } of wanted) {
      if (stopping.aborted) return;
      const logo = known.get(id);
      known.delete(id);
      if (!logo || logo.uri !== uri || isDue(logo)) await update(id, uri);
    }
    for (const clientId of known.keys()) await store.remove(clientId);
  }

  function isDue({ checkedAt, image }: { checkedAt: Date; image?: unknown }): boolean {
    return now().getTime() - checkedAt.getTime() > (image ? SHOWN_MS : MISSED_MS);
  }

  async function update(clientId: string, uri: string): Promise<void> {
    const image = await fetchImage(uri).catch((error: unknown) => {
      log.warn({ err: error, client_id: clientId }, 'failed to fetch the logo of an application');
      return undefined;
    });
    await store.put({ clientId, uri, checkedAt: now(), ...(image ? { image } : {}) });
  }

  /** @throws for what is not an image that can be shown */
  async function fetchImage(uri: string): Promise<LogoImage> {
    const response = await fetch(uri, { headers: { accept: 'image/png, image/jpeg, image/webp, image/gif' } });
    if (!response.ok || !response.body) throw new Error(`The logo was answered with the status ${response.status}.`);
    const content = await readAtMost(response.body, MOST_BYTES);
    const type = imageTypeOf(content);
    if (!type) throw new Error('The logo is not a PNG, JPEG, WebP or GIF image of at most 2048 by 2048 pixels.');
    const digest = createHash('sha256').update(content).digest('hex').slice(0, 16);
    return { type, digest, content };
  }

  /** Where a page finds the logo of an application; undefined if there is none to show. */
  async function addressOf({ id, metadata }: Application): Promise<string | undefined> {
    const uri = metadata['logo_uri'];
    if (typeof uri !== 'string') return undefined;
    const logo = await store.look(id);
    return logo?.image && logo.uri === uri ? `${LOGOS}${id}/${logo.image.digest}` : undefined;
  }

  /** The image at such an address. */
  async function imageAt(path: string): Promise<LogoImage | undefined> {
    const [, clientId, digest] = /^\/logos\/([A-Za-z0-9._-]{1,100})\/([0-9a-f]{16})$/.exec(path) ?? [];
    const logo: ApplicationLogo | undefined = clientId ? await store.find(clientId) : undefined;
    return logo?.image?.digest === digest ? logo?.image : undefined;
  }

  return { refresh, addressOf, imageAt, remove: store.remove };
}

async function readAtMost(body: ReadableStream<Uint8Array>, limit: number): Promise<Buffer> {
  const chunks: Uint8Array[] = [];
  let length = 0;
  for await (const chunk of body) {
    length += chunk.length;
    if (length > limit) throw new Error(`The logo has more than ${limit} bytes.`);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}
