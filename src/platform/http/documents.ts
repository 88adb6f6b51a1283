import type { Middleware } from 'koa';

/** A document that is the same for everyone, ready to be sent. */
export interface PublicDocument {
  /** Its Content-Type. */
  type: string;
  content: Buffer;
  /** Whether scripts of every origin may read it (CORS). */
  isForAnyOrigin: boolean;
}

/** The document at each path, as it is now. */
export type PublicDocuments = Record<string, () => PublicDocument>;

/** Serves documents without asking any router. What is not a GET or HEAD goes on. */
export function serveDocuments(documents: PublicDocuments): Middleware {
  const byPath = new Map(Object.entries(documents));
  return (ctx, next) => {
    const isRead = ctx.method === 'GET' || ctx.method === 'HEAD';
    // As everywhere, a slash at the end changes nothing.
    const current = isRead ? byPath.get(ctx.path.replace(/\/$/, '')) : undefined;
    if (!current) return next();
    const { type, content, isForAnyOrigin } = current();
    if (isForAnyOrigin) {
      ctx.vary('Origin');
      ctx.set('Access-Control-Allow-Origin', ctx.get('Origin') || '*');
    }
    ctx.set('Content-Type', type);
    ctx.body = content;
    return undefined;
  };
}
