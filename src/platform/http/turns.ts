import { performance } from 'node:perf_hooks';
import type { Context, Middleware, Next } from 'koa';
import { Overloaded, RETRY_SECONDS } from '../heavy-work.ts';

/** The last of so many has waited some seconds when its turn comes. */
const MOST_WAITING = 300;

/** So often it is looked whether another page can begin although those before are not done. */
const LOOK_MS = 5;
/** After so long a page is waiting for something, such as the rest of an upload, and holds up nobody any more. */
const LONGEST_MS = 50;

export interface PageTurnsOptions {
  /** So many pages are under way at a time, while there is something else to do. */
  atOnce: number;
  /** Whether threads of this process are busy, which its event loop does not show. */
  isBusy(): boolean;
  /** Whether it continues what has had its turn, and need not wait again. */
  isEnd(ctx: Context): boolean;
}

/**
 * Lets pages wait for their turn when a crowd of users comes at the same moment, so that what applications ask is answered between
 * their pages, and not after them. A page begins when those before are done; also when they only wait, as for a distant database.
 * @throws Overloaded when too many wait
 */
export function takeTurns({ atOnce, isBusy, isEnd }: PageTurnsOptions): Middleware {
  const waiting: (() => void)[] = [];
  let underWay = 0;
  let isDue = false;
  let looking: NodeJS.Timeout | undefined;
  let lastLook = performance.eventLoopUtilization();

  function beginNext(): void {
    const begin = waiting.shift();
    if (!begin) return;
    underWay += 1;
    begin();
  }

  /** One in each turn of the event loop. */
  function beginWhenDone(): void {
    if (waiting.length === 0) return;
    if (underWay >= atOnce) return keepLooking();
    if (isDue) return;
    isDue = true;
    setImmediate(() => {
      isDue = false;
      if (underWay < atOnce) beginNext();
      beginWhenDone();
    });
  }

  /** What ends the turn of a page that has begun. */
  function createEnd(): () => void {
    let isOver = false;
    const late = setTimeout(end, LONGEST_MS);

    function end(): void {
      if (isOver) return;
      isOver = true;
      clearTimeout(late);
      underWay -= 1;
      beginWhenDone();
    }

    return end;
  }

  function keepLooking(): void {
    if (looking) return;
    lastLook = performance.eventLoopUtilization();
    looking = setInterval(look, LOOK_MS);
  }

  function look(): void {
    const isIdle = performance.eventLoopUtilization(lastLook).utilization < 0.5 && !isBusy();
    lastLook = performance.eventLoopUtilization();
    if (isIdle) beginNext();
    if (waiting.length > 0) return;
    clearInterval(looking);
    looking = undefined;
  }

  function waitForTurn(): Promise<void> {
    return new Promise((begin) => {
      waiting.push(begin);
      beginWhenDone();
    });
  }

  async function inTurn(next: Next): Promise<void> {
    if (waiting.length >= MOST_WAITING) throw Overloaded({ retryAfter: RETRY_SECONDS });
    await waitForTurn();
    const endTurn = createEnd();
    try {
      await next();
    } finally {
      endTurn();
    }
  }

  return (ctx, next) => (ctx.get('accept').includes('text/html') && !isEnd(ctx) ? inTurn(next) : next());
}
