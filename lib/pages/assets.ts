import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { extname, join } from 'node:path';

/** Our stylesheets and our scripts, served under `<base>/assets`. */
export interface Assets {
  /** For `router.use('/assets', …)`; unknown files go to `next`. */
  readonly handler: (req: IncomingMessage, res: ServerResponse, next: () => void) => void;
  /** Where the file `name` is. */
  url(base: string, name: string): string;
}

const TYPES: Readonly<Record<string, string>> = {
  '.css': 'text/css; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
};
const FOREVER = 'public, max-age=31536000, immutable';

/**
 * The files of `folder`; what is built has each in one piece and minified (scripts/build.mjs). `css` goes to the
 * end of the stylesheet that every page has.
 */
export function createAssets(folder: string, css: string | null = null): Assets {
  const files = new Map(ours(folder));
  const style = files.get('style.css');
  if (style && css !== null)
    files.set('style.css', asset(Buffer.concat([style.body, Buffer.from(`\n${css}`)])));
  return {
    url: (base, name) => {
      const file = files.get(name);
      if (file === undefined) throw new TypeError(`there is no ${name} among the assets`);
      return `${base}/assets/${name}?v=${file.version}`;
    },
    handler: (req, res, next) => {
      const [path = '', query] = (req.url ?? '').split('?', 2);
      const file = path.startsWith('/') ? files.get(path.slice(1)) : undefined;
      if (file === undefined || (req.method !== 'GET' && req.method !== 'HEAD')) return next();
      // Without the current file's digest the URL may belong to another version: revalidate each time.
      res.setHeader('Cache-Control', query === `v=${file.version}` ? FOREVER : 'no-cache');
      res.setHeader('Content-Type', TYPES[extname(path)] ?? '');
      res.setHeader('X-Content-Type-Options', 'nosniff');
      res.setHeader('ETag', file.etag);
      if (req.headers['if-none-match'] === file.etag) {
        res.statusCode = 304;
        res.end();
        return;
      }
      res.setHeader('Content-Length', file.body.length);
      res.end(req.method === 'HEAD' ? undefined : file.body);
    },
  };
}

const read = new Map<string, ReadonlyMap<string, Asset>>();

/** Read once in the process. */
function ours(folder: string): ReadonlyMap<string, Asset> {
  const before = read.get(folder);
  if (before) return before;
  const names = readdirSync(folder).filter((name) => extname(name) in TYPES);
  const files = new Map(names.map((name) => [name, asset(readFileSync(join(folder, name)))]));
  read.set(folder, files);
  return files;
}

interface Asset {
  readonly body: Buffer;
  readonly version: string;
  readonly etag: string;
}

function asset(body: Buffer): Asset {
  const version = createHash('sha256').update(body).digest('base64url').slice(0, 16);
  return { body, version, etag: `"${version}"` };
}
