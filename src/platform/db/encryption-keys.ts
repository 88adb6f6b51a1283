import { randomBytes, randomUUID } from 'node:crypto';
import { link, mkdir, open, readdir, readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { EncryptionKeyUnusable, type SealingKey } from '../encryption.ts';

const KEY_BYTES = 32;

/**
 * The configured encryption keys; without any, the one in the data folder, made at the first start. A reader who has the data
 * folder but not this file cannot read the secrets in it.
 * @throws EncryptionKeyUnusable when the file is missing although there are data, and makes nothing then: a new key would
 * hide from the operator that the old one has to be found.
 */
export async function loadSealingKeys(
  configured: [string, string][] | undefined,
  dataDir: string,
): Promise<SealingKey[]> {
  if (configured) return configured.map(([id, key]) => ({ id, key: Buffer.from(key, 'base64') }));
  const file = join(dataDir, 'encryption.key');
  const text = (await readIfThere(file)) ?? (await makeFirst(file, dataDir));
  const key = Buffer.from(text.trim(), 'base64');
  if (key.length !== KEY_BYTES)
    throw new EncryptionKeyUnusable(`${file} does not contain an encryption key of ${KEY_BYTES} bytes in base64.`);
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

async function makeFirst(file: string, dataDir: string): Promise<string> {
  if (await hasData(dataDir)) {
    // Another first start may have made both since the file was looked for.
    const made = await readIfThere(file);
    if (made !== undefined) return made;
    throw new EncryptionKeyUnusable(
      `The encryption key ${file} is missing, and ${dataDir} contains data that was encrypted with it. ` +
        'Restore the file from your backup, or set COHORT_ENCRYPTION_KEYS if the data was encrypted with configured keys. Nothing was changed.',
    );
  }
  await mkdir(dataDir, { recursive: true, mode: 0o700 });
  return make(file);
}

/** Whether the embedded database has ever written to the folder. */
async function hasData(dataDir: string): Promise<boolean> {
  try {
    return (await readdir(join(dataDir, 'mongodb'))).length > 0;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return false;
    throw error;
  }
}

// Written whole under another name first: half a key would make unreadable what it encrypted. Of two first starts at
// once the key of one is used by both.
async function make(file: string): Promise<string> {
  const draft = `${file}.${randomUUID()}`;
  const handle = await open(draft, 'wx', 0o600);
  try {
    await handle.writeFile(`${randomBytes(KEY_BYTES).toString('base64')}\n`);
    await handle.sync();
    await link(draft, file).catch(ignoreExisting);
  } finally {
    await handle.close();
    await rm(draft, { force: true });
  }
  return readFile(file, 'utf8');
}

function ignoreExisting(error: NodeJS.ErrnoException): void {
  if (error.code !== 'EEXIST') throw error;
}
