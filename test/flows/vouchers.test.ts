import type { UserId } from '../../lib/account/account';
import {
  browser,
  codeAt,
  enrolTotp,
  errorCode,
  halfLogin,
  type BrowserAgent,
} from '../support/browser-agent';
import { minutes } from '../support/clock';
import { annEnrolled, subjects, toldApp, type ToldApp } from '../notices/cast';

const path = '/2fa/security/vouchers';

/** ann and bob are of one customer account, cyd is of another, and says she belongs to everybody. */
function app(): ToldApp {
  const host: ToldApp = toldApp({
    users: {
      id: (user) => user.id,
      name: (user) => user.name,
      byId: (id) => [...host.users.values()].find((user) => user.id === id),
      byIdentifier: (text) => [...host.users.values()].find((user) => user.name === text.trim()),
      peers: (user) =>
        ({ 'id-ann': ['id-bob'], 'id-bob': ['id-ann'], 'id-cyd': ['id-ann', 'id-bob'] })[user.id] ?? [],
      contacts: (user) => [{ channel: 'email', address: user.name, since: new Date(0) }],
    },
    lostAccess: { form: { operator: ['Test App'], sendTo: 'access@example.com' } },
  });
  return host;
}

async function enrolled(host: ToldApp, name: string): Promise<{ agent: BrowserAgent; secret: string }> {
  const agent = browser(host.app);
  await agent.signIn(name).expect(200);
  const { secret } = await enrolTotp(agent, host.clock.now());
  return { agent, secret };
}

const codeIn = (text = ''): string => /\b\d{6}\b/.exec(text)?.[0] ?? '';

/** ann's request, which names somebody. */
async function asking(
  host: ToldApp,
  voucher: string,
): Promise<{ reference: string; statusUrl: string; half: BrowserAgent }> {
  const half = await halfLogin(host);
  const { body } = await half
    .post('/2fa/lost/requests', {
      lost: ['totp'],
      contact: { channel: 'email', address: 'ann@example.com' },
    })
    .expect(202);
  const { reference, statusUrl } = body as { reference: string; statusUrl: string };
  const mail = host.mail.sent.find(
    ({ text }) => /lost|access/i.test(text) && codeIn(text.replace(/https?:\S+/g, '')) !== '',
  );
  await half
    .post(`${statusUrl}/contact`, { code: codeIn(mail?.text.replace(/https?:\S+/g, '')) })
    .expect(200);
  await half.post(`${statusUrl}/evidence`, { kind: 'voucher', user: voucher }).expect(202);
  return { reference, statusUrl, half };
}

describe('Vouching for another person of the same customer account', () => {
  it('counts once they have confirmed it is them, know what it means, and its owner is told', async () => {
    const host = app();
    await annEnrolled(host);
    const bob = await enrolled(host, 'bob');
    const { reference, statusUrl, half } = await asking(host, 'bob@example.com');
    expect((await bob.agent.get(path).expect(200)).body).toEqual({
      requests: [{ reference, user: 'ann@example.com' }],
    });

    host.clock.move(6 * minutes);
    const stale = await bob.agent.post(`${path}/${reference}`, { accountName: 'ann@example.com' });
    expect([stale.status, errorCode(stale)]).toEqual([403, 'step_up_required']);
    await bob.agent.post('/2fa/totp', { code: codeAt(bob.secret, host.clock.now()) }).expect(200);
    for (const accountName of ['bob@example.com', '', undefined, 5]) {
      const { body } = await bob.agent.post(`${path}/${reference}`, { accountName }).expect(400);
      expect(body).toMatchObject({ error: { code: 'malformed', field: 'accountName' } });
    }
    const [, token = ''] = /name="form_token" value="([^"]+)"/.exec((await bob.agent.page(path)).text) ?? [];
    const misread = { form_token: token, accountName: 'ann@example.org' };
    const shown = await bob.agent.form(`${path}/${reference}`, misread).expect(422);
    expect(shown.text).toContain(`href="#name-${reference}"`);
    expect(shown.text).toContain('value="ann@example.org"');
    await bob.agent.post(`${path}/${reference}`, { accountName: 'ann@example.com' }).expect(200);

    const { body } = await half.get(statusUrl).expect(200);
    expect(body).toMatchObject({ evidence: { sum: 3, kinds: ['password', 'mail', 'voucher'] } });
    expect(subjects(await host.told())).toContain('Someone vouched for a request at Test App');
    expect((await bob.agent.get(path)).body).toEqual({ requests: [] });
    await bob.agent.post(`${path}/${reference}`, { accountName: 'ann@example.com' }).expect(404);
  });

  it('is for nobody who was not named, is not of the account by its own word, or has no such factor', async () => {
    const host = app();
    await annEnrolled(host);
    const cyd = await enrolled(host, 'cyd');
    const bob = await enrolled(host, 'bob');
    const { reference } = await asking(host, 'cyd@example.com');
    for (const { agent } of [bob, cyd]) {
      expect((await agent.get(path)).body).toEqual({ requests: [] });
      await agent.post(`${path}/${reference}`, { accountName: 'ann@example.com' }).expect(404);
    }
    const account = await host.options.accounts.load('id-ann' as UserId);
    expect(account?.recoveries?.[0]?.evidence.some(({ vouchedBy }) => vouchedBy !== undefined)).toBe(false);
  });
});
