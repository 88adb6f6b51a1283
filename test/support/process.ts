import { spawn, type ChildProcess } from 'node:child_process';
import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { freePort } from '../../src/platform/free-port.ts';

const root = join(import.meta.dirname, '..', '..');

export interface Started {
  issuer: string;
  child: ChildProcess;
  output(): string;
  dataDir: string;
  stop(signal?: NodeJS.Signals): Promise<number | null>;
}

/** Runs `npm start`'s own command, with an embedded MongoDB in a folder of its own. */
export async function startProcess(
  settings: Record<string, string> = {},
  dataDir = mkdtempSync(join(tmpdir(), 'cohort-start-')),
): Promise<Started> {
  const port = await freePort();
  const issuer = `http://localhost:${port}`;
  const environment = {
    ...process.env,
    COHORT_ISSUER: issuer,
    COHORT_PORT: String(port),
    COHORT_DATA_DIR: dataDir,
    COHORT_LOG_LEVEL: 'warn',
    ...settings,
  };
  delete (environment as Record<string, unknown>)['MONGODB_URI'];
  const child = spawn(process.execPath, ['src/main.ts'], {
    cwd: root,
    env: environment,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let output = '';
  const gone = new Promise<number | null>((resolve) => child.once('exit', (code) => resolve(code)));
  await new Promise<void>((resolve, reject) => {
    const hear = (chunk: Buffer) => {
      output += chunk.toString();
      if (output.includes('Listening on')) resolve();
    };
    child.stdout.on('data', hear);
    child.stderr.on('data', hear);
    void gone.then((code) => reject(new Error(`It ended with ${code}: ${output}`)));
  });
  return {
    issuer,
    child,
    dataDir,
    output: () => output,
    stop(signal = 'SIGTERM') {
      child.kill(signal);
      return gone;
    },
  };
}
