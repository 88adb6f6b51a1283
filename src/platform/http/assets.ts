import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { basename, dirname, extname, join } from 'node:path';
import { promisify } from 'node:util';
import { brotliCompress, constants } from 'node:zlib';
import type { Context, Middleware } from 'koa';

const compress = promisify(brotliCompress);
const YEAR = 31_536_000;
const types: Record<string, string> = {
  '.css': 'text/css; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.svg': 'image/svg+xml',
  '.png': 'image/png',
  '.webp': 'image/webp',
  '.jpg': 'image/jpeg',
};

/** A picture that is opened by itself is a page, and may bring a script. */
const PICTURE_POLICY = "default-src 'none'; style-src 'unsafe-inline'; sandbox";

/** Style, script and pictures under `/assets/`, named by their content so that a browser may keep them for ever. */
export interface Assets {
  /** The address of a file by its plain name. @throws Error for a name that is not there. */
  addressOf(name: string): string;
  serve: Middleware;
}

/** A file that is not served by the name it has. */
export interface AssetFile {
  name: string;
  content: Buffer;
}

/** The files of a folder, without those of the folders in it, which style sheets import. */
export function readAssets(folder: string): AssetFile[] {
  const files = readdirSync(folder, { withFileTypes: true }).filter((entry) => entry.isFile());
  return files.map(({ name }) => {
    const path = join(folder, name);
    return { name, content: name.endsWith('.css') ? readStyleSheet(path) : readFileSync(path) };
  });
}

/** With what it imports in its place, so that a browser asks for one file. */
function readStyleSheet(path: string): Buffer {
  const read = (imported: string) => readFileSync(join(dirname(path), imported), 'utf8');
  const text = readFileSync(path, 'utf8').replace(/^@import '(.+)';$/gm, (_, imported: string) => read(imported));
  return Buffer.from(text);
}

interface Asset {
  type: string;
  plain: Buffer;
  brotli?: Promise<Buffer>;
}

/** Loads the files once; they are few, and part of the product or of its settings. */
export function loadAssets(paths: string[], more: AssetFile[] = []): Assets {
  const addresses = new Map<string, string>();
  const contents = new Map<string, Asset>();
  const files = [...paths.map((path) => ({ name: basename(path), content: readFileSync(path) })), ...more];
  for (const { name, content: plain } of files) {
    const extension = extname(name);
    const digest = createHash('sha256').update(plain).digest('hex').slice(0, 12);
    const address = `/assets/${basename(name, extension)}.${digest}${extension}`;
    addresses.set(name, address);
    contents.set(address, { type: types[extension] ?? 'application/octet-stream', plain });
  }

  function addressOf(name: string): string {
    const address = addresses.get(name);
    if (!address) throw new Error(`There is no asset named ${name}.`);
    return address;
  }

  const serve: Middleware = (ctx, next) => {
    const asset = ctx.method === 'GET' || ctx.method === 'HEAD' ? contents.get(ctx.path) : undefined;
    return asset ? send(ctx, asset) : next();
  };

  async function send(ctx: Context, asset: Asset): Promise<void> {
    ctx.set('Cache-Control', `public, max-age=${YEAR}, immutable`);
    ctx.set('Content-Type', asset.type);
    if (asset.type === types['.svg']) ctx.set('Content-Security-Policy', PICTURE_POLICY);
    ctx.vary('Accept-Encoding');
    if (ctx.acceptsEncodings('br', 'identity') !== 'br') {
      ctx.body = asset.plain;
      return;
    }
    asset.brotli ??= compress(asset.plain, { params: { [constants.BROTLI_PARAM_QUALITY]: 9 } });
    ctx.set('Content-Encoding', 'br');
    ctx.body = await asset.brotli;
  }

  return { addressOf, serve };
}
