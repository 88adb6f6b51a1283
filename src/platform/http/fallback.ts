import compose from 'koa-compose';
import type { Middleware } from 'koa';

/** What answers whatever no page and no route answers. */
export interface Fallback {
  /** The first segments of paths that no page and no route has. */
  ownSegments: string[];
  middleware: Middleware[];
}

/** Has the fallback answer at once what belongs to it alone. A router would compare the path with each of its own, to find none. */
export function answerOwnSegments({ ownSegments, middleware }: Fallback): Middleware {
  const own = new Set(ownSegments);
  const answer = compose(middleware);
  return (ctx, next) => (own.has(firstSegmentOf(ctx.path)) ? answer(ctx, async () => {}) : next());
}

function firstSegmentOf(path: string): string {
  const end = path.indexOf('/', 1);
  return end < 0 ? path.slice(1) : path.slice(1, end);
}
