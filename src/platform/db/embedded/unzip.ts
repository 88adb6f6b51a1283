import { createWriteStream } from 'node:fs';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';

/** An entry that is taken out, by the end of its name. */
export interface WantedEntry {
  ending: string;
  as: string;
}

/** Takes these entries out of a zip; nothing else in it is unpacked, let alone run. */
export async function unzip(archive: string, to: string, wanted: readonly WantedEntry[]): Promise<void> {
  // Loaded here, because it is an optional package that a machine with a `mongod` of its own does without.
  const { openPromise } = await import('yauzl');
  const zip = await openPromise(archive);
  for await (const entry of zip.eachEntry()) {
    const found = wanted.find(({ ending }) => entry.fileName.endsWith(ending));
    if (found) await pipeline(await zip.openReadStreamPromise(entry), createWriteStream(join(to, found.as)));
  }
}
