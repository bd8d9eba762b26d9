import type { UserId } from '../../lib/account/account';
import { openRequest } from '../../lib/account/recovery';
import { changeRequest } from '../../lib/recovery/change';
import { codeAt, errorCode, halfLogin } from '../support/browser-agent';
import { days, hours, minutes } from '../support/clock';
import { scopeOfApp } from '../support/scope-of-app';
import { annEnrolled, subjects, toldApp } from '../notices/cast';

const path = '/2fa/security/lost-access';

const app = () =>
  toldApp({
    users: {
      id: (user) => user.id,
      name: (user) => user.name,
      contacts: (user) => [{ channel: 'email', address: user.name, since: new Date(0) }],
    },
    lostAccess: { form: { operator: ['Test App'], sendTo: 'access@example.com' } },
  });

const asked = { lost: ['totp'], contact: { channel: 'email', address: 'ann@example.com' } };

/** What the top of a page says of an open request: its reference, and where it is stopped. */
const banners = (text: string): string[] =>
  [...text.matchAll(/id="open-request"[\s\S]*?(RA-[A-Z]{10})[\s\S]*?action="([^"]+)"/g)].map(
    ([, reference, stop]) => `${reference} ${stop}`,
  );

describe('What an owner decides in advance', () => {
  it('counts at once where it is stricter, and after seven days where it is laxer', async () => {
    const host = app();
    const { agent } = await annEnrolled(host);
    expect((await agent.get(path).expect(200)).body).toEqual({
      never: false,
      wait: null,
      needs: [],
      pausedUntil: null,
      pending: null,
    });
    const strict = await agent
      .post(path, { never: true, wait: '14d', needs: ['letter', 'video'] })
      .expect(200);
    expect(strict.body).toMatchObject({
      never: true,
      wait: '14d',
      needs: ['letter', 'video'],
      pending: null,
    });
    expect(subjects(await host.told()).at(-1)).toMatch(
      /^The rules for getting back into your account at Test App/,
    );

    const lax = await agent.post(path, { never: false, wait: '1d', needs: [] }).expect(200);
    const at = new Date(host.clock.now() + 7 * days).toISOString();
    expect(lax.body).toMatchObject({
      never: true,
      wait: '14d',
      needs: ['letter', 'video'],
      pending: { never: false, wait: '1d', needs: [], at },
    });
    // Asked again, it does not wait anew; made stricter in between, that counts.
    host.clock.move(2 * minutes);
    const again = await agent.post(path, { never: false }).expect(200);
    expect(again.body).toMatchObject({ pending: { at } });
    host.clock.move(7 * days);
    const account = await host.options.accounts.load('id-ann' as UserId);
    expect(account?.ownerRules).toMatchObject({ never: true });
  });

  it.each([
    { from: ['letter', 'video'], to: ['letter'], isStricter: false },
    { from: ['letter', 'video', 'phone'], to: ['phone'], isStricter: false },
    { from: ['letter', 'video', 'phone'], to: ['letter', 'phone'], isStricter: true },
    { from: ['letter', 'video'], to: ['letter', 'video', 'phone'], isStricter: false },
    { from: ['letter'], to: ['letter', 'video'], isStricter: true },
    { from: ['letter'], to: ['letter', 'video', 'phone'], isStricter: false },
    { from: ['letter'], to: ['video', 'phone'], isStricter: false },
    { from: ['letter'], to: [], isStricter: false },
  ])('is $isStricter of $to instead of $from that it is stricter', async ({ from, to, isStricter }) => {
    const host = app();
    const { agent } = await annEnrolled(host);
    await agent.post(path, { needs: from }).expect(200);
    const { body } = await agent.post(path, { needs: to }).expect(200);
    const at = new Date(host.clock.now() + 7 * days).toISOString();
    expect(body).toMatchObject(
      isStricter ? { needs: to, pending: null } : { needs: from, pending: { needs: to, at } },
    );
  });

  it('needs a fresh proof, and says which field is wrong', async () => {
    const host = app();
    const { agent } = await annEnrolled(host);
    for (const [field, value] of [
      ['never', 'yes'],
      ['wait', '90d'],
      ['wait', -1],
      ['wait', {}],
      ['needs', ['selfie']],
      ['needs', 'letter'],
      ['pause', 1],
    ] as const) {
      const { body } = await agent.post(path, { [field]: value }).expect(400);
      expect(body).toMatchObject({ error: { code: 'malformed', field } });
    }
    host.clock.move(6 * minutes);
    for (const stale of [await agent.get(path), await agent.post(path, { never: true })])
      expect([stale.status, errorCode(stale)]).toEqual([403, 'step_up_required']);
  });

  it('can stop all requests for 30 days', async () => {
    const host = app();
    const { agent } = await annEnrolled(host);
    const { body } = await agent.post(path, { pause: true }).expect(200);
    expect(body).toMatchObject({ pausedUntil: new Date(host.clock.now() + 30 * days).toISOString() });
  });
});

describe('A login of the owner', () => {
  it('check 59: shows an open request and stops it, without another proof', async () => {
    const host = app();
    const { agent } = await annEnrolled(host);
    const half = await halfLogin(host);
    const begun = await half
      .post('/2fa/lost/requests', {
        lost: ['totp'],
        contact: { channel: 'email', address: 'ann@example.com' },
      })
      .expect(202);
    const { reference } = begun.body as { reference: string };
    for (const page of [
      '/2fa/security',
      '/2fa/security/logins',
      '/2fa/security/browsers',
      '/2fa/security/backup-codes',
      '/2fa/security/totp',
      '/2fa/security/factors/none',
      '/2fa/security/vouchers',
      '/2fa/add-passkey',
      '/2fa/confirm',
      '/2fa/totp',
      path,
    ])
      expect([page, banners((await agent.page(page)).text)]).toEqual([page, [`${reference} ${path}/cancel`]]);
    const { request } = await host.twoFactor.statusOf('id-ann');
    expect(request).toMatchObject({ reference, state: 'started', earliestAt: null });
    expect(request?.steps).toEqual([{ at: request?.startedAt, state: 'started' }]);
    expect((await agent.get('/2fa/security').expect(200)).body.request).toMatchObject({ reference });
    // Whoever is half signed in may be the one who asks.
    expect(banners((await half.page('/2fa/choose').expect(200)).text)).toEqual([]);

    host.clock.move(hours);
    const { body } = await agent.post(`${path}/cancel`).expect(200);
    expect(body).toEqual({ state: 'cancelled_by_owner' });
    const account = await host.options.accounts.load('id-ann' as UserId);
    expect(account && openRequest(account)).toBeUndefined();
    await agent.post(`${path}/cancel`).expect(404);
    expect(await host.twoFactor.statusOf('id-ann')).toMatchObject({ request: null });
    expect(banners((await agent.page('/2fa/security').expect(200)).text)).toEqual([]);
  });

  it('stops it by a form on a page of the app, which has no token, and by none of another site', async () => {
    const host = app();
    const { agent } = await annEnrolled(host);
    const half = await halfLogin(host);
    await half.post('/2fa/lost/requests', asked).expect(202);
    const stop = (from: string) =>
      agent.agent.post(`${path}/cancel`).type('form').set({ Accept: 'text/html', Origin: from }).send('');
    await stop('https://evil.example').expect(403);
    await stop('null').expect(403);
    expect((await host.twoFactor.statusOf('id-ann')).request).not.toBeNull();
    const { headers } = await stop(host.options.origin).expect(303);
    expect(headers.location).toBe('/2fa/security');
    expect((await agent.page('/2fa/security')).text).toContain('The request was stopped');
    expect((await host.twoFactor.statusOf('id-ann')).request).toBeNull();
  });

  it('stops one that was put on hold meanwhile, too', async () => {
    const host = app();
    const { agent } = await annEnrolled(host);
    const half = await halfLogin(host);
    await half.post('/2fa/lost/requests', asked).expect(202);
    const account = await host.options.accounts.load('id-ann' as UserId);
    const request = account && openRequest(account);
    const by = { as: 'reviewer', id: 'id-rita' as UserId } as const;
    await changeRequest(scopeOfApp(host), 'id-ann' as UserId, request?.id ?? '', { act: 'hold', by });
    expect((await host.twoFactor.statusOf('id-ann')).request).toMatchObject({ state: 'on_hold' });
    expect(banners((await agent.page('/2fa/security').expect(200)).text)).toHaveLength(1);
    expect((await agent.post(`${path}/cancel`).expect(200)).body).toEqual({ state: 'cancelled_by_owner' });
    await agent.post(`${path}/cancel`).expect(404);
  });

  it('has nothing to stop once it has lapsed, also before that is noted', async () => {
    const host = app();
    const { agent } = await annEnrolled(host);
    const half = await halfLogin(host);
    await half.post('/2fa/lost/requests', asked).expect(202);
    host.clock.move(days);
    expect((await host.twoFactor.statusOf('id-ann')).request).toBeNull();
    expect(banners((await agent.page('/2fa/security').expect(200)).text)).toEqual([]);
  });

  it('check 59: is told, when it is a sign-in that ended one, before it goes on', async () => {
    const host = app();
    const { secret } = await annEnrolled(host);
    const half = await halfLogin(host);
    await half.post('/2fa/lost/requests', asked).expect(202);
    host.clock.move(2 * minutes);
    const { text } = await half.page('/2fa?to=/billing').expect(200);
    const sent = { form_token: /name="form_token" value="([^"]+)"/.exec(text)?.[1] ?? '', to: '/billing' };
    const done = await half
      .form('/2fa/totp', { ...sent, code: codeAt(secret, host.clock.now()) })
      .expect(303);
    expect(done.headers.location).toBe('/2fa/request-ended?to=%2Fbilling');
    const page = await half.page('/2fa/request-ended?to=%2Fbilling').expect(200);
    expect(page.text).toContain('The request for access is over');
    expect(page.text).toContain('href="/billing"');
    expect(await host.twoFactor.statusOf('id-ann')).toMatchObject({ request: null });

    // It is no news at the next sign-in.
    host.clock.move(2 * minutes);
    const later = await halfLogin(host);
    await later.post('/2fa/totp', { code: codeAt(secret, host.clock.now()) }).expect(200);
    const over = await later.page('/2fa/request-ended?to=%2Fbilling').expect(303);
    expect(over.headers.location).toBe('/billing');
  });

  it.each([{ never: true }, { pause: true }])(
    'ends it by what its owner decides meanwhile: %p',
    async (ask) => {
      const host = app();
      const { agent } = await annEnrolled(host);
      const half = await halfLogin(host);
      const begun = await half.post('/2fa/lost/requests', asked).expect(202);
      const { statusUrl } = begun.body as { statusUrl: string };
      await agent.post(path, ask).expect(200);
      const { body } = await half.get(statusUrl).expect(200);
      expect(body).toMatchObject({ state: 'cancelled_by_owner' });
      const again = await half.post('/2fa/lost/requests', asked).expect(409);
      expect(again.body).toMatchObject({ error: { state: 'never' in ask ? 'never' : 'paused' } });
    },
  );
});
