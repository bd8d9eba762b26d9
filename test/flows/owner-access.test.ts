import type { UserId } from '../../lib/account/account';
import { openRequest } from '../../lib/account/recovery';
import { errorCode, halfLogin } from '../support/browser-agent';
import { days, hours, minutes } from '../support/clock';
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
    host.clock.move(hours);
    const { text } = await agent.page('/2fa/security').expect(200);
    expect(text).toContain(reference);
    const { body } = await agent.post(`${path}/cancel`).expect(200);
    expect(body).toEqual({ state: 'cancelled_by_owner' });
    const account = await host.options.accounts.load('id-ann' as UserId);
    expect(account && openRequest(account)).toBeUndefined();
    await agent.post(`${path}/cancel`).expect(404);
  });

  it.each([{ never: true }, { pause: true }])(
    'ends it by what its owner decides meanwhile: %p',
    async (ask) => {
      const host = app();
      const { agent } = await annEnrolled(host);
      const half = await halfLogin(host);
      const asked = { lost: ['totp'], contact: { channel: 'email', address: 'ann@example.com' } };
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
