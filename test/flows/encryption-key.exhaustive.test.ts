import { cpSync, readdirSync, renameSync } from 'node:fs';
import { join } from 'node:path';
import { freePort } from '../../src/platform/free-port.ts';
import { loadEncryptionKeys } from '../../src/platform/db/encryption-keys.ts';
import { environmentOf } from '../support/npm.ts';
import { newFolder, root, run, startProcess } from '../support/process.ts';

describe('a start without the encryption key', () => {
  let stopped: string;
  let dataDir: string;
  beforeAll(async () => {
    const cohort = await startProcess();
    await cohort.stop();
    stopped = cohort.dataDir;
  });
  beforeEach(() => {
    dataDir = newFolder();
    cpSync(stopped, dataDir, { recursive: true });
  });

  /** Runs a command on the data, which ends at once with a reason. */
  async function refusalOf(args: string[], settings: Record<string, string> = {}): Promise<string> {
    const env = environmentOf({ COHORT_DATA_DIR: dataDir, COHORT_PORT: String(await freePort()), ...settings });
    const refused = (await run(process.execPath, args, { cwd: root, env }).catch((error: unknown) => error)) as {
      code: number;
      stderr: string;
    };
    expect(refused.code).toBe(1);
    expect(refused.stderr).not.toContain('    at ');
    return refused.stderr;
  }

  it('is refused next to existing data, in a sentence, and makes nothing', async () => {
    const key = join(dataDir, 'encryption.key');
    renameSync(key, join(dataDir, 'kept'));
    const before = readdirSync(dataDir, { recursive: true }).sort();
    for (const args of [['src/main.js'], ['src/cli/cohort.ts', 'keys', 'list']]) {
      expect(await refusalOf(args)).toContain(`The encryption key ${key} is missing`);
      expect(readdirSync(dataDir, { recursive: true }).sort()).toEqual(before);
    }
    renameSync(join(dataDir, 'kept'), key);
    const again = await startProcess({}, dataDir);
    expect(again.output()).toContain('Listening on');
    await again.stop();
  });

  it('is refused in a sentence when a configured key is not the one that the data were encrypted with', async () => {
    const COHORT_ENCRYPTION_KEYS = `k1:${Buffer.alloc(32, 1).toString('base64')}`;
    expect(await refusalOf(['src/main.js'], { COHORT_ENCRYPTION_KEYS })).toContain(
      "encrypted with the key 'local', which is not configured",
    );
  });

  it('makes one key for two first starts at once', async () => {
    const empty = newFolder();
    const loaded = await Promise.all(Array.from({ length: 4 }, () => loadEncryptionKeys(undefined, empty)));
    expect(new Set(loaded.map(([only]) => only?.key.toString('base64'))).size).toBe(1);
    expect(readdirSync(empty)).toEqual(['encryption.key']);
  });
});
