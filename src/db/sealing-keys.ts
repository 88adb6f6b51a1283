import { randomBytes } from 'node:crypto';
import { mkdir, open, readFile, rename } from 'node:fs/promises';
import { join } from 'node:path';
import type { SealingKey } from '../base/boxes.ts';

/**
 * The configured sealing keys; without any, the one in the data folder, made at the first start. Whoever has the data
 * folder but not this file cannot read the secrets in it.
 */
export async function loadSealingKeys(
  configured: [string, string][] | undefined,
  dataDir: string,
): Promise<SealingKey[]> {
  if (configured) return configured.map(([id, key]) => ({ id, key: Buffer.from(key, 'base64') }));
  const file = join(dataDir, 'encryption.key');
  const text = (await readIfThere(file)) ?? (await make(file, dataDir));
  const key = Buffer.from(text.trim(), 'base64');
  if (key.length !== 32) throw new Error(`The file ${file} does not hold a sealing key of 32 bytes in base64.`);
  return [{ id: 'local', key }];
}

async function readIfThere(file: string): Promise<string | undefined> {
  try {
    return await readFile(file, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
}

// Written whole under another name first: half a key would lock everybody out of what it sealed.
async function make(file: string, dataDir: string): Promise<string> {
  await mkdir(dataDir, { recursive: true, mode: 0o700 });
  const key = randomBytes(32).toString('base64');
  const half = `${file}.${process.pid}`;
  const handle = await open(half, 'w', 0o600);
  await handle.writeFile(`${key}\n`);
  await handle.sync();
  await handle.close();
  await rename(half, file);
  return key;
}
