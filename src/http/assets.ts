import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { basename, extname } from 'node:path';
import { promisify } from 'node:util';
import { brotliCompress, constants } from 'node:zlib';
import type { Middleware } from 'koa';

const compress = promisify(brotliCompress);
const YEAR = 31_536_000;
const types: Record<string, string> = {
  '.css': 'text/css; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.svg': 'image/svg+xml',
};

/** Style, script and pictures under `/assets/`, named by their content so that a browser may keep them for ever. */
export interface Assets {
  /** The address of a file by its plain name. @throws Error for a name that is not there. */
  addressOf(name: string): string;
  serve: Middleware;
}

/** Loads the files once; they are few and part of the product. */
export function loadAssets(files: string[]): Assets {
  const addresses = new Map<string, string>();
  const contents = new Map<string, { type: string; plain: Buffer; brotli?: Promise<Buffer> }>();
  for (const file of files) {
    const plain = readFileSync(file);
    const extension = extname(file);
    const digest = createHash('sha256').update(plain).digest('hex').slice(0, 12);
    const address = `/assets/${basename(file, extension)}.${digest}${extension}`;
    addresses.set(basename(file), address);
    contents.set(address, { type: types[extension] ?? 'application/octet-stream', plain });
  }

  function addressOf(name: string): string {
    const address = addresses.get(name);
    if (!address) throw new Error(`There is no asset named ${name}.`);
    return address;
  }

  const serve: Middleware = async (ctx, next) => {
    const asset = ctx.method === 'GET' || ctx.method === 'HEAD' ? contents.get(ctx.path) : undefined;
    if (!asset) return next();
    ctx.set('Cache-Control', `public, max-age=${YEAR}, immutable`);
    ctx.set('Content-Type', asset.type);
    ctx.vary('Accept-Encoding');
    if (ctx.acceptsEncodings('br', 'identity') !== 'br') {
      ctx.body = asset.plain;
      return;
    }
    asset.brotli ??= compress(asset.plain, { params: { [constants.BROTLI_PARAM_QUALITY]: 9 } });
    ctx.set('Content-Encoding', 'br');
    ctx.body = await asset.brotli;
  };

  return { addressOf, serve };
}
