import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Renderer } from '../../lib/pages/render';
import { noBrand, type Sample } from './view-samples';

/** Stricter than what the pages send: scripts may not create markup either. */
const POLICY =
  "default-src 'self'; form-action 'self'; base-uri 'none'; object-src 'none'; frame-ancestors 'none'; " +
  "require-trusted-types-for 'script'; trusted-types 'none'";

export interface ViewServer {
  /** The page of a sample, in a language. */
  url(name: string, lang?: string): string;
  /** What was posted so far: method and address. */
  readonly posts: string[];
  stop(): Promise<void>;
}

/** Serves samples as pages, and accepts every form that they post; another sample may be added later. */
export async function serveViews(
  renderer: Renderer,
  samples: Readonly<Record<string, Sample>>,
): Promise<ViewServer> {
  const posts: string[] = [];
  const server = createServer((req, res) => {
    const { pathname, searchParams } = new URL(req.url ?? '/', 'http://localhost');
    if (pathname.startsWith('/2fa/assets/')) return serveAsset(renderer, req, res);
    if (req.method === 'POST') {
      posts.push(pathname);
      res.writeHead(204).end();
      return;
    }
    const sample = samples[pathname.slice(1)];
    if (sample === undefined) {
      res.writeHead(pathname === '/favicon.ico' ? 204 : 404).end();
      return;
    }
    res.setHeader('Content-Security-Policy', POLICY);
    res.setHeader('Content-Type', 'text/html; charset=utf-8');
    res.end(
      renderer.html(sample.view, sample.data, {
        lang: searchParams.get('lang') ?? 'en',
        timeZone: 'UTC',
        base: '/2fa',
        homeUrl: '/',
        helpUrl: '/help',
        lostUrl: '/2fa/lost',
        formToken: 'token',
        appField: null,
        userName: sample.signedIn ? 'anna@example.com' : null,
        request: sample.request ?? null,
        brand: { ...noBrand, theme: themeIn(searchParams) },
      }),
    );
  });
  await new Promise<void>((resolve) => server.listen(0, 'localhost', resolve));
  const { port } = server.address() as AddressInfo;
  return {
    url: (name, lang = 'en') => `http://localhost:${port}/${name}?lang=${lang}`,
    posts,
    stop: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

function themeIn(parameters: URLSearchParams): 'light' | 'dark' | null {
  const theme = parameters.get('theme');
  return theme === 'light' || theme === 'dark' ? theme : null;
}

function serveAsset({ assets }: Renderer, req: IncomingMessage, res: ServerResponse): void {
  req.url = req.url?.slice('/2fa/assets'.length) ?? '/';
  assets.handler(req, res, () => res.writeHead(404).end());
}
