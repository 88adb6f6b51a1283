import { fork } from 'node:child_process';
import { join } from 'node:path';
import { WITH_TASKS } from './child.ts';
import type { CleanUps } from './clean-up.ts';
import { filledBy, temporaryFolder } from './folders.ts';
import { cohort } from './products/cohort.ts';
import { oidcProvider } from './products/oidc-provider.ts';
import { startServer, stopChild, type OwnServer } from './servers.ts';

export interface StartOptions {
  cleanUps: Pick<CleanUps, 'add'>;
  /** A folder that gets a CPU profile when the server stops. */
  profileIn?: string | undefined;
}

/** Cohort on a database of its own, which goes with it. */
export async function startCohort({ cleanUps, profileIn }: StartOptions): Promise<OwnServer> {
  const folder = await filledFolder(cleanUps);
  return startServer({
    name: 'cohort',
    product: cohort,
    script: 'cohort-server.ts',
    arguments: [folder],
    profileIn,
    onStart: cleanUps.add,
  });
}

/** Cohort as in production, with scheduled tasks, which can be ordered to say how it is. */
export async function startLastingCohort({ cleanUps }: StartOptions): Promise<OwnServer> {
  const folder = await filledFolder(cleanUps);
  return startServer({
    name: 'cohort',
    product: cohort,
    script: 'cohort-server.ts',
    arguments: [folder, WITH_TASKS],
    nodeArguments: ['--expose-gc'],
    onStart: cleanUps.add,
  });
}

/** The library alone, with everything in memory. */
export function startBare({ cleanUps, profileIn }: StartOptions): Promise<OwnServer> {
  const onStart = cleanUps.add;
  return startServer({ name: 'bare', product: oidcProvider, script: 'bare-provider.ts', profileIn, onStart });
}

/** The library with an ordinary adapter, on a database of its own. */
export async function startPlainMongodb({ cleanUps, profileIn }: StartOptions): Promise<OwnServer> {
  const folder = await temporaryFolder(cleanUps);
  return startServer({
    name: 'plain-mongodb',
    product: oidcProvider,
    script: 'bare-provider.ts',
    arguments: [folder],
    profileIn,
    onStart: cleanUps.add,
  });
}

async function filledFolder(cleanUps: Pick<CleanUps, 'add'>): Promise<string> {
  const folder = await temporaryFolder(cleanUps);
  const child = fork(join(import.meta.dirname, 'cohort-data.ts'), [folder], {
    stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
  });
  cleanUps.add(() => stopChild(child));
  await filledBy(child, folder);
  return folder;
}
