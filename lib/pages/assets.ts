import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { join } from 'node:path';

/** Our stylesheet and our script: read once, served under `<base>/assets`. */
export interface Assets {
  /** For `router.use('/assets', …)`; what it does not know goes to `next`. */
  readonly handler: (req: IncomingMessage, res: ServerResponse, next: () => void) => void;
  styleUrl(base: string): string;
  scriptUrl(base: string): string;
}

const TYPES = {
  'style.css': 'text/css; charset=utf-8',
  'script.js': 'text/javascript; charset=utf-8',
} as const;
const FOREVER = 'public, max-age=31536000, immutable';

/** Reads the two files of `folder`. */
export function createAssets(folder: string): Assets {
  const style = read(folder, 'style.css');
  const script = read(folder, 'script.js');
  const files = new Map([style, script].map((file) => [`/${file.name}`, file]));
  return {
    styleUrl: (base) => urlOf(base, style),
    scriptUrl: (base) => urlOf(base, script),
    handler: (req, res, next) => {
      const [path = '', query] = (req.url ?? '').split('?', 2);
      const file = files.get(path);
      if (file === undefined || (req.method !== 'GET' && req.method !== 'HEAD')) return next();
      // Without the digest of today's file the address may be of another version: ask again each time.
      res.setHeader('Cache-Control', query === `v=${file.version}` ? FOREVER : 'no-cache');
      res.setHeader('Content-Type', TYPES[file.name]);
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

interface Asset {
  readonly name: keyof typeof TYPES;
  readonly body: Buffer;
  readonly version: string;
  readonly etag: string;
}

function read(folder: string, name: keyof typeof TYPES): Asset {
  const body = readFileSync(join(folder, name));
  const version = createHash('sha256').update(body).digest('base64url').slice(0, 16);
  return { name, body, version, etag: `"${version}"` };
}

const urlOf = (base: string, { name, version }: Asset): string => `${base}/assets/${name}?v=${version}`;
