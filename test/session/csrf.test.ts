import { errorCode, type BrowserAgent } from '../support/browser-agent';
import { origin as ours } from '../support/host-app';
import { host, type Host } from '../hosts/host';
import { halfLoggedIn, loggedIn } from './people';

const sites = [undefined, 'same-origin', 'same-site', 'cross-site', 'none', 'Same-Origin'] as const;
const origins = [
  undefined,
  ours,
  'null',
  'https://evil.example',
  'http://localhost:3001',
  `${ours}.evil.example`,
] as const;
const tokens = ['right', 'none', 'of another session', 'twice'] as const;
const types = ['application/json', 'application/x-www-form-urlencoded', 'text/plain', ''] as const;

interface Sent {
  readonly site: (typeof sites)[number];
  readonly origin: (typeof origins)[number];
  readonly token: (typeof tokens)[number];
  readonly type: (typeof types)[number];
}

/** Design §5, in the words of this test. */
function expected({ site, origin, token, type }: Sent): 'passes' | 'bad_origin' | 'bad_form_token' {
  const isForm = type !== 'application/json';
  const hasToken = type === 'application/x-www-form-urlencoded' && token === 'right';
  const isOurs =
    site === undefined ? origin === ours || (origin === 'null' && hasToken) : site === 'same-origin';
  if (!isOurs) return 'bad_origin';
  return isForm && !hasToken ? 'bad_form_token' : 'passes';
}

const everyWay: readonly Sent[] = sites.flatMap((site) =>
  origins.flatMap((origin) =>
    tokens.flatMap((token) => types.map((type) => ({ site, origin, token, type }))),
  ),
);

const tokenOf = async (agent: BrowserAgent, path = '/2fa'): Promise<string> =>
  /name="form_token" value="([^"]+)"/.exec((await agent.page(path).expect(200)).text)?.[1] ?? '';

function send(agent: BrowserAgent, way: Sent, code: string, right: string, other: string) {
  const token = { right, none: null, 'of another session': other, twice: right }[way.token];
  const pairs = [`code=${code}`, ...(token === null ? [] : [`form_token=${token}`])];
  if (way.token === 'twice') pairs.push(`form_token=${right}`);
  const isJson = way.type === 'application/json' || way.type === 'text/plain';
  const body = isJson ? JSON.stringify({ code, form_token: token }) : pairs.join('&');
  const request = agent.agent.post('/2fa/totp').set('Accept', 'application/json');
  if (way.type !== '') void request.set('Content-Type', way.type);
  if (way.site !== undefined) void request.set('Sec-Fetch-Site', way.site);
  if (way.origin !== undefined) void request.set('Origin', way.origin);
  // Text would be given a type.
  return request.send(way.type === '' ? Buffer.from(body) : body);
}

describe('A request that another site may have caused', () => {
  it.each(types)('is told apart by its headers and its token, as %j', async (type) => {
    const built = await host();
    const { agent } = await halfLoggedIn(built);
    const right = await tokenOf(agent);
    const other = await tokenOf((await halfLoggedIn(built)).agent);
    const code = built.code('ann');
    const wrong: object[] = [];
    for (const way of everyWay.filter((one) => one.type === type)) {
      const answer = expected(way);
      // A refused one carries the right code, which it must not use up; one that passes, none to judge.
      const got = await send(agent, way, answer === 'passes' ? '' : code, right, other);
      const seen = { status: got.status, code: errorCode(got) };
      const due = answer === 'passes' ? { status: 400, code: 'malformed' } : { status: 403, code: answer };
      if (seen.status !== due.status || seen.code !== due.code) wrong.push({ ...way, seen, due });
    }
    expect(wrong).toEqual([]);
    const guess = await agent.post('/2fa/totp', { code: '000000' }).expect(401);
    expect(guess.body.error.triesLeft).toBe(4);
    await agent.post('/2fa/totp', { code }).expect(200);
  });

  it('is known by the origin as browsers write it', async () => {
    for (const [configured, sent] of [
      ['https://X.org/', 'https://x.org'],
      ['https://x.org:443/app', 'https://x.org'],
      ['https://účet.example', 'https://xn--et-qka0f.example'],
      ['http://127.0.0.1:3000', 'http://127.0.0.1:3000'],
    ] as const) {
      const built = await host({ options: { origin: configured } });
      const { agent } = await halfLoggedIn(built);
      const passed = await agent.agent
        .post('/2fa/totp')
        .set({ Accept: 'application/json', Origin: sent })
        .send({ code: built.code('ann') });
      expect([configured, passed.status]).toEqual([configured, 200]);
    }
  });

  it('is checked in a script’s request without a body, by its headers alone', async () => {
    const built = await host();
    const { agent } = await halfLoggedIn(built);
    const cancel = () => agent.agent.post('/2fa/cancel').set('Accept', 'application/json');
    expect(errorCode(await cancel().expect(403))).toBe('bad_origin');
    expect(errorCode(await cancel().set('Sec-Fetch-Site', 'cross-site').expect(403))).toBe('bad_origin');
    await cancel().set('Sec-Fetch-Site', 'same-origin').expect(200);
  });

  const changes = (id: string) =>
    [
      ['post', '/2fa/totp', { code: '123456' }],
      ['post', '/2fa/backup-code', { code: 'AAAA-AAAA-AAAA-AAAA' }],
      ['post', '/2fa/cancel', {}],
      ['post', '/2fa/security/totp', { code: '123456' }],
      ['post', '/2fa/security/totp/cancel', {}],
      ['post', '/2fa/security/backup-codes', {}],
      ['post', '/2fa/security/backup-codes/acknowledge', { code: 'AAAA-AAAA-AAAA-AAAA' }],
      ['post', '/2fa/security/sign-out-everywhere', {}],
      ['post', `/2fa/security/factors/${id}/rename`, { label: 'Mine now' }],
      ['post', `/2fa/security/factors/${id}/prefer`, {}],
      ['post', `/2fa/security/factors/${id}/remove`, {}],
      ['patch', `/2fa/security/factors/${id}`, { label: 'Mine now' }],
      ['delete', `/2fa/security/factors/${id}`, {}],
    ] as const;
  const foreign = (id: string) =>
    changes(id).flatMap(([method, path, body]) =>
      ['application/json', 'application/x-www-form-urlencoded', 'text/plain'].flatMap((type) =>
        [
          { 'Sec-Fetch-Site': 'cross-site', Origin: ours },
          { Origin: 'https://evil.example' },
          { Origin: 'null' },
          {},
        ].map((headers) => [method, path, body, type, headers] as const),
      ),
    );

  it('changes nothing anywhere, as JSON, as a form or as plain text', async () => {
    const built = await host();
    const { agent, sid } = await loggedIn(built, 'ann');
    const before = await stateOf(built);
    const id = before?.factors[0]?.id ?? '';
    const passed: string[] = [];
    for (const [method, path, body, type, headers] of foreign(id)) {
      const got = await agent.agent[method](path)
        .set({ Accept: 'application/json', 'Content-Type': type, ...headers })
        .send(type === 'application/json' ? body : JSON.stringify(body));
      if (got.status !== 403)
        passed.push(`${method} ${path} ${type} ${JSON.stringify(headers)}: ${got.status}`);
    }
    expect(passed).toEqual([]);
    expect(await stateOf(built)).toEqual(before);
    expect(sid).not.toBe('');
    expect((await agent.get('/me')).body).toMatchObject({ user: { id: 'id-ann' } });
    await agent.post('/2fa/totp', { code: built.code('ann') }).expect(200);
  });

  it('finds a token of another key of the ring as good as one of the first', async () => {
    const [oldKey, newKey] = ['11'.repeat(32), '22'.repeat(32)];
    const before = await host({ options: { keys: [oldKey] } });
    const { agent, cookie } = await halfLoggedIn(before);
    const token = await tokenOf(agent);
    const after = await host({
      options: {
        keys: [newKey, oldKey],
        accounts: before.options.accounts,
        pending: before.options.pending,
      },
      session: { store: before.store },
      clock: before.clock,
    });
    const sent = await after
      .visitor()
      .form('/2fa/totp', { code: before.code('ann'), form_token: token })
      .set('Cookie', cookie);
    expect(sent.status).toBe(303);
  });
});

const stateOf = ({ options }: Host) => options.accounts.load('id-ann' as never);
