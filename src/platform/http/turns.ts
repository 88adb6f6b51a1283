import type { Middleware } from 'koa';

/**
 * Begins with one page in each turn of the event loop. When a crowd of users comes at the same moment, what applications ask
 * is answered between their pages, and not after them.
 */
export function onePageInEachTurn(): Middleware {
  const waiting: (() => void)[] = [];

  function letNextBegin(): void {
    waiting.shift()?.();
    if (waiting.length > 0) setImmediate(letNextBegin);
  }

  function comeUp(): Promise<void> {
    if (waiting.length === 0) setImmediate(letNextBegin);
    return new Promise((begin) => waiting.push(begin));
  }

  return (ctx, next) => (ctx.get('accept').includes('text/html') ? comeUp().then(next) : next());
}
