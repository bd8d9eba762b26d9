import { inspect } from 'node:util';
import type { ErrorRequestHandler } from 'express';
import { memoryAccounts, memoryActivity, memoryPending } from '../../lib';
import { fromBase32 } from '../../lib/crypto/base32';
import { browser, codeAt, errorCode } from '../support/browser-agent';
import { minutes, seconds } from '../support/clock';
import { hostApp, testKey } from '../support/host-app';
import { intercepted } from '../support/override';
import { cookiesOf, factorIds, listen, submit, wrongCode } from './cast';

/** A store that notes all that goes in and comes out, since most of it is gone at the end. */
const noting = <Store extends object>(store: Store, notes: unknown[]): Store =>
  intercepted(store, (call, name, args) => {
    notes.push([name, args]);
    return call();
  });

/** Everything in an object, private fields and all. */
const dump = (value: unknown): string =>
  inspect(value, {
    depth: null,
    maxArrayLength: null,
    maxStringLength: null,
    showHidden: true,
    breakLength: 1e9,
  });

/** A secret in every shape in which it could lie about. */
function shapesOf(base32: string): string[] {
  const bytes = fromBase32(base32) ?? Buffer.alloc(0);
  return [
    base32,
    base32.toLowerCase(),
    base32.replace(/(.{4})(?=.)/g, '$1 '),
    bytes.toString('hex'),
    bytes.toString('base64'),
    bytes.toString('base64url'),
    bytes.toString('latin1'),
    [...bytes].join(', '),
    inspect(bytes).slice(8, 60),
  ];
}

const spelled = (code: string): string[] => [code, code.replace(/-/g, ''), code.toLowerCase()];

describe('Nothing secret is left lying around', () => {
  const out: string[] = [];
  const spies = (['log', 'info', 'warn', 'error', 'debug'] as const).map((name) =>
    jest.spyOn(console, name).mockImplementation((...args: unknown[]) => void out.push(dump(args))),
  );
  const writes = [process.stdout, process.stderr].map((stream) => jest.spyOn(stream, 'write'));
  afterAll(() => {
    for (const spy of [...spies, ...writes]) spy.mockRestore();
  });

  it('CVE-2020-15105, ASVS 16.2.5, check 29: no password, secret, code or token in a session, store, event, error or log', async () => {
    const stored: unknown[] = [];
    const errors: unknown[] = [];
    const texts: string[] = [];
    let isDown = false;
    const accounts = memoryAccounts();
    const pending = memoryPending();
    const activity = memoryActivity();
    const failing = intercepted(pending, (call, _name, args) =>
      isDown ? Promise.reject(new Error(`down at ${JSON.stringify(args)}`)) : call(),
    );
    const host = hostApp({
      accounts: noting(accounts, stored),
      pending: noting(failing, stored),
      activity: noting(activity, stored),
      onSignedIn: (_req, _res, login) => void stored.push(login),
    });
    const { app, clock, twoFactor } = host;
    const heard = listen(twoFactor);
    const onError: ErrorRequestHandler = (error: { status?: number }, _req, res, _next) => {
      errors.push(error);
      res.status(error.status ?? 500).json({});
    };
    app.use(onError);

    const secrets = new Set<string>(['right', testKey]);
    const codes = new Set<string>();
    const sessionIds = new Set<string>();
    const noteCookies = (response: Parameters<typeof cookiesOf>[0]) => {
      for (const [, id = ''] of cookiesOf(response).matchAll(/connect\.sid=s%3A([\w-]+)/g))
        sessionIds.add(id);
      for (const [, tokens = ''] of cookiesOf(response).matchAll(/2fa-browser-\w+=([\w.-]+)/g))
        for (const token of tokens.split('.')) secrets.add(token);
    };
    const agent = browser(app);
    const send = async (path: string, body: object = {}) => {
      const { code } = body as { code?: string };
      if (code !== undefined && /^\d{6}$/.test(code)) codes.add(code);
      const response = await agent.post(path, body);
      noteCookies(response);
      return response;
    };
    const code = (secret: string) => codeAt(secret, clock.now());

    noteCookies(await agent.signIn('ann').expect(200));
    const { body: setup } = await agent.get('/2fa/security/totp').expect(200);
    for (const shape of shapesOf(setup.secret)) secrets.add(shape);
    await agent.page('/2fa/security/totp').expect(200);
    await send('/2fa/security/totp', { code: wrongCode(setup.secret, clock.now()) });
    const { body: confirmed } = await send('/2fa/security/totp', {
      code: code(setup.secret),
      label: 'My phone',
    });
    const first: string[] = confirmed.backupCodes;
    for (const one of first) for (const shape of spelled(one)) secrets.add(shape);
    await submit(agent, '/2fa/security/backup-codes', '/2fa/security/backup-codes/download');
    await send('/2fa/security/backup-codes/acknowledge', { code: 'AAAA-AAAA-AAAA-AAAA' });
    await send('/2fa/security/backup-codes/acknowledge', { code: first[0] });
    clock.move(30 * seconds);
    noteCookies(await agent.signOut());

    noteCookies(await agent.signIn('ann', 'wrong horse').expect(401));
    secrets.add('wrong horse');
    noteCookies(await agent.signIn('ann').expect(401));
    await send('/2fa/totp', { code: wrongCode(setup.secret, clock.now(), 1) });
    await send('/2fa/backup-code', { code: 'BBBB-BBBB-BBBB-BBBB' });
    await send('/2fa/totp', { code: code(setup.secret) });
    await send('/2fa/totp', { code: code(setup.secret) });
    await send('/2fa/backup-code', { code: first[1] });
    await send('/2fa/backup-code', { code: first[1] });
    const { body: second } = await agent.get('/2fa/security/totp').expect(200);
    for (const shape of shapesOf(second.secret)) secrets.add(shape);
    await send('/2fa/security/totp', { code: code(second.secret), label: 'Tablet' });
    const { body: renewed } = await send('/2fa/security/backup-codes');
    for (const one of renewed.backupCodes as string[]) for (const shape of spelled(one)) secrets.add(shape);
    // A set-up is left open, and a set of codes not acknowledged.
    const { body: open } = await agent.get('/2fa/security/totp').expect(200);
    for (const shape of shapesOf(open.secret)) secrets.add(shape);
    clock.move(6 * minutes);
    await send('/2fa/security/backup-codes');
    await send('/2fa/totp', { code: code(setup.secret) });

    isDown = true;
    for (const path of ['/2fa/totp', '/2fa/backup-code', '/2fa/security/totp']) {
      const answer = await send(path, { code: code(setup.secret) });
      expect(errorCode(answer)).toBe('unavailable');
      texts.push(answer.text);
    }
    await agent.signIn('ann');
    isDown = false;
    await agent.get('/2fa/security').expect(200);
    for (const path of ['activity', 'activity.csv', 'activity.json'])
      texts.push((await agent.page(`/2fa/security/${path}`).expect(200)).text);
    // Here, while two set-ups are open, everything that is kept is looked through.
    const sweep = () =>
      [
        dump(stored),
        dump(accounts),
        dump(pending),
        dump(activity),
        dump(host.sessions),
        dump(heard),
        dump(errors),
        ...out,
        ...texts,
      ].join('\n');
    const whole = sweep();
    const [id = ''] = await factorIds(agent);
    await send(`/2fa/security/factors/${id}/remove`);
    await twoFactor.signOutEverywhere('id-ann');
    await twoFactor.forget('id-ann');
    const everything = whole + sweep();

    expect(sessionIds.size).toBeGreaterThanOrEqual(5);
    expect(codes.size).toBeGreaterThanOrEqual(5);
    expect(secrets.size).toBeGreaterThan(60);
    expect([...secrets].filter((secret) => everything.includes(secret))).toEqual([]);
    expect([...codes].filter((digits) => new RegExp(`(?<!\\d)${digits}(?!\\d)`).test(everything))).toEqual(
      [],
    );
    // Session ids are the session store's own; nothing else holds them.
    const beside = [stored, accounts, pending, activity, heard, errors].map(dump).concat(out).join('\n');
    expect([...sessionIds].filter((sid) => beside.includes(sid))).toEqual([]);
    // The sweep would find what is there: it does find the label and the id.
    expect(everything).toContain('My phone');
    expect(everything).toContain('id-ann');
  });

  it('no user id and no address is in the key of anything pending', async () => {
    const notes: [string, unknown[]][] = [];
    const host = hostApp({ pending: noting(memoryPending(), notes) });
    host.users.set('ann', { id: 'ann@example.com', name: 'ann@example.com' });
    const agent = browser(host.app);
    await agent.signIn('ann').expect(200);
    await agent.get('/2fa/security/totp').expect(200);
    await agent.post('/2fa/security/totp', { code: '000000' });
    await host.twoFactor.signOutEverywhere('ann@example.com');
    const keys = notes.flatMap(([, args]) => args.filter((arg) => typeof arg === 'string'));
    expect(notes.length).toBeGreaterThan(5);
    expect(keys.filter((key) => key.includes('ann'))).toEqual([]);
  });

  it('ASVS 16.2.5: nothing was printed', () => {
    expect(out).toEqual([]);
    for (const write of writes) expect(write).not.toHaveBeenCalled();
  });
});
