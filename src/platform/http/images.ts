import type { Middleware } from 'koa';

const YEAR_SECONDS = 365 * 24 * 3600;

/** An image that someone outside has made, at an address that changes with it. */
export interface Image {
  type: string;
  content: Buffer;
}

export interface ImagesOptions {
  /** How the paths of these images begin. */
  prefix: string;
  imageAt(path: string): Promise<Image | undefined>;
}

/** Serves images by their own type, so that nothing in them runs, whatever a browser takes them for. */
export function serveImages({ prefix, imageAt }: ImagesOptions): Middleware {
  return async (ctx, next) => {
    if (!ctx.path.startsWith(prefix) || (ctx.method !== 'GET' && ctx.method !== 'HEAD')) return next();
    const image = await imageAt(ctx.path);
    if (!image) return next();
    ctx.set({
      'cache-control': `public, max-age=${YEAR_SECONDS}, immutable`,
      'content-type': image.type,
      'content-security-policy': "default-src 'none'; sandbox",
    });
    ctx.body = image.content;
  };
}
