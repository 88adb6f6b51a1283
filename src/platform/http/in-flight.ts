import type { IncomingMessage, ServerResponse } from 'node:http';

/** So long the body of a request may take; who sends a byte now and then must not hold a connection. */
const BODY_MS = 30_000;
/** The same for the few that take large bodies, without a byte. */
const IDLE_MS = 30_000;
const CHECKED_EVERY_MS = 1000;

const takingLong = new WeakSet<IncomingMessage>();

/** For the few that take large bodies: they may take their time as long as something comes. */
export function allowLongBody(req: IncomingMessage): void {
  takingLong.add(req);
  req.setTimeout(IDLE_MS, () => req.destroy());
}

/** The answers that are under way. Cuts requests off whose body is not there in time. */
export function createInFlight(bodyMs = BODY_MS) {
  /** Since when. */
  const open = new Map<ServerResponse, number>();
  let onEmpty = () => {};
  let check: NodeJS.Timeout | undefined;

  function add(res: ServerResponse): void {
    open.set(res, performance.now());
    check ??= setInterval(cutLate, CHECKED_EVERY_MS).unref();
    res.once('close', () => {
      open.delete(res);
      if (open.size === 0) onEmpty();
    });
  }

  function cutLate(): void {
    const latest = performance.now() - bodyMs;
    for (const [{ req }, since] of open) if (since < latest && !req.complete && !takingLong.has(req)) req.destroy();
    if (open.size > 0) return;
    clearInterval(check);
    check = undefined;
  }

  /** Resolves when all have ended; what has not after `graceMs` is cut. */
  function end(graceMs: number): Promise<void> {
    if (open.size === 0) return Promise.resolve();
    return new Promise((resolve) => {
      const cut = setTimeout(() => open.forEach((_since, res) => res.destroy()), graceMs);
      onEmpty = () => {
        clearTimeout(cut);
        resolve();
      };
    });
  }

  return { add, end };
}
