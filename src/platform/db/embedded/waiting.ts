import { setTimeout as sleep } from 'node:timers/promises';

/** Asks every 25 ms until the answer is yes, for at most `forMs`; false when time ran out. */
export async function waitUntil(isSo: () => boolean | Promise<boolean>, forMs: number): Promise<boolean> {
  const deadline = Date.now() + forMs;
  while (!(await isSo())) {
    if (Date.now() > deadline) return false;
    await sleep(25);
  }
  return true;
}
