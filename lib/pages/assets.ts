import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { dirname, join } from 'node:path';

/** Our stylesheet and our scripts: read once, served under `<base>/assets`. */
export interface Assets {
  /** For `router.use('/assets', …)`; unknown files go to `next`. */
  readonly handler: (req: IncomingMessage, res: ServerResponse, next: () => void) => void;
  styleUrl(base: string): string;
  scriptUrl(base: string): string;
  /** The script for pages that ask for a security key. */
  keysUrl(base: string): string;
}

const STYLE = 'text/css; charset=utf-8';
const SCRIPT = 'text/javascript; charset=utf-8';
const FOREVER = 'public, max-age=31536000, immutable';

/** Reads the files of `folder`, and the browser's part of WebAuthn. */
export function createAssets(folder: string): Assets {
  const own = (name: string, type: string) => asset(name, type, readFileSync(join(folder, name)));
  const style = own('style.css', STYLE);
  const script = own('script.js', SCRIPT);
  const keys = own('keys.js', SCRIPT);
  const others = [
    own('ceremony.js', SCRIPT),
    own('passkey.js', SCRIPT),
    own('navigator.js', SCRIPT),
    asset('webauthn.js', SCRIPT, webauthnModule()),
  ];
  const files = new Map([style, script, keys, ...others].map((file) => [`/${file.name}`, file]));
  return {
    styleUrl: (base) => urlOf(base, style),
    scriptUrl: (base) => urlOf(base, script),
    keysUrl: (base) => urlOf(base, keys),
    handler: (req, res, next) => {
      const [path = '', query] = (req.url ?? '').split('?', 2);
      const file = files.get(path);
      if (file === undefined || (req.method !== 'GET' && req.method !== 'HEAD')) return next();
      // Without the current file's digest the URL may belong to another version: revalidate each time.
      res.setHeader('Cache-Control', query === `v=${file.version}` ? FOREVER : 'no-cache');
      res.setHeader('Content-Type', file.type);
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
  readonly name: string;
  readonly type: string;
  readonly body: Buffer;
  readonly version: string;
  readonly etag: string;
}

function asset(name: string, type: string, body: Buffer): Asset {
  const version = createHash('sha256').update(body).digest('base64url').slice(0, 16);
  return { name, type, body, version, etag: `"${version}"` };
}

/**
 * The UMD bundle of @simplewebauthn/browser as a module. Given an `exports` of its own it uses that: it leaves nothing
 * on `window`, and an AMD loader on the app's page does not see it. Its `navigator` is ours. The package exports only
 * its root, so the bundle is located from there.
 */
function webauthnModule(): Buffer {
  const root = dirname(dirname(require.resolve('@simplewebauthn/browser')));
  const bundle = readFileSync(join(root, 'dist/bundle/index.umd.min.js'), 'utf8');
  const before = "import { navigator } from './navigator.js';\nconst exports = {}, module = {};";
  return Buffer.from(`${before}\n${bundle}\nexport { exports as default };\n`);
}

const urlOf = (base: string, { name, version }: Asset): string => `${base}/assets/${name}?v=${version}`;
