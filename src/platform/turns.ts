import { createSemaphore } from './semaphore.ts';

/** So many receivers are told things at once. */
const AT_ONCE = 10;
/** How long one receiver may be told things before all others have their turn again. */
const TURN_MS = 5000;

export interface TurnsOptions<Item> {
  /** Those that anything waits for. */
  receivers(): Promise<string[]>;
  /** What is due longest for this receiver, nobody else's for a while. */
  claim(receiver: string): Promise<Item | undefined>;
  /** False when it was not taken. */
  deliver(item: Item): Promise<boolean>;
}

/**
 * Delivers what is due, one thing after the other to each receiver, so that one that is slow or dead keeps nobody waiting but
 * itself. A turn ends with the first failure: what does not answer now is asked again in the next round.
 */
export function createTurns<Item>({ receivers, claim, deliver }: TurnsOptions<Item>) {
  const inTurn = createSemaphore(AT_ONCE);

  async function deliverTo(receiver: string, stopping?: AbortSignal): Promise<void> {
    const end = AbortSignal.timeout(TURN_MS);
    while (!end.aborted && !stopping?.aborted) {
      const item = await claim(receiver);
      if (!item || !(await deliver(item))) return;
    }
  }

  return async (stopping?: AbortSignal): Promise<void> => {
    const waiting = await receivers();
    await Promise.all(waiting.map((receiver) => inTurn(() => deliverTo(receiver, stopping))));
  };
}
