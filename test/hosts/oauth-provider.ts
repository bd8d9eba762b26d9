import { randomUUID } from 'node:crypto';
import type { IncomingMessage, RequestListener } from 'node:http';
import { text } from 'node:stream/consumers';

/** Where people sign in elsewhere: RFC 6749, as far as a client needs it. */
export function oauthProvider() {
  const codes = new Map<string, string>();
  /** Who is signed in there; with nobody the client is told that they would not. */
  const provider: { account: string | null; listener: RequestListener } = {
    account: 'ann',
    listener: (req, res) => {
      const { pathname, searchParams } = new URL(req.url ?? '/', 'http://provider');
      if (pathname === '/authorize') {
        res.writeHead(302, { location: backTo(searchParams) }).end();
        return;
      }
      tokenFor(req).then(
        (token) => res.writeHead(token ? 200 : 400, { 'content-type': 'application/json' }).end(token),
        () => res.writeHead(500).end(),
      );
    },
  };

  function backTo(asked: URLSearchParams): string {
    const back = new URL(asked.get('redirect_uri') ?? '');
    back.searchParams.set('state', asked.get('state') ?? '');
    if (provider.account === null) {
      back.searchParams.set('error', 'access_denied');
      back.searchParams.set('error_description', 'You would not.');
      return back.href;
    }
    const code = randomUUID();
    codes.set(code, provider.account);
    back.searchParams.set('code', code);
    return back.href;
  }

  /** A code is good once. Who it is for comes along, as an id_token has it. */
  async function tokenFor(req: IncomingMessage): Promise<string> {
    const code = new URLSearchParams(await text(req)).get('code') ?? '';
    const name = codes.get(code);
    codes.delete(code);
    return name === undefined
      ? ''
      : JSON.stringify({ access_token: randomUUID(), token_type: 'bearer', name });
  }

  return provider;
}
