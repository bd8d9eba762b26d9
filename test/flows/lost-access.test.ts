import { browser, errorCode, halfLogin } from '../support/browser-agent';
import { newest } from '../support/codes-app';
import { begin, confirmed, linkIn, lostApp, type LostApp, request, signsIn, stateOf } from './lost-cast';

describe('A request for access', () => {
  let host: LostApp;
  beforeAll(async () => (host = await lostApp()));

  it('goes from the half login to the review', async () => {
    const agent = await halfLogin(host);
    const { reference, checkCode, statusUrl, formUrl, route } = await begin(agent, { text: 'In a lake.' });
    expect(reference).toMatch(/^RA-[A-HJKMNP-Z]{10}$/);
    expect(checkCode).toMatch(/^[0-9A-Z]{6}$/);
    expect(statusUrl).toMatch(/^\/2fa\/lost\/requests\/[\w-]{22,}$/);
    expect(formUrl).toBe(`${statusUrl}/form.pdf`);
    expect(route).toBe('short');

    const stranger = browser(host.app);
    const { body } = await stranger.get(statusUrl).expect(200);
    expect(body).toEqual({
      reference,
      state: 'started',
      evidence: {
        sum: 1,
        needed: 3,
        kinds: ['password'],
        missing: ['more evidence', 'evidence of another kind'],
      },
      earliestAt: null,
      steps: [{ at: new Date(host.clock.now()).toISOString(), state: 'started' }],
    });

    const code = newest(host.email);
    const contact = await stranger.post(`${statusUrl}/contact`, { code }).expect(200);
    expect(contact.body).toMatchObject({ state: 'contact_confirmed', evidence: { sum: 2 } });
    const facts = { number: '2026-0001', amount: '12 €' };
    const evidence = await stranger.post(`${statusUrl}/evidence`, { kind: 'invoice', facts }).expect(202);
    // What nobody has checked counts nothing yet.
    expect(evidence.body).toMatchObject({ state: 'in_review', evidence: { sum: 2 } });
    const withdrawn = await stranger.post(`${statusUrl}/withdraw`).expect(200);
    expect(stateOf(withdrawn)).toBe('withdrawn');
    const again = await stranger.post(`${statusUrl}/withdraw`).expect(409);
    expect(again.body.error).toMatchObject({ code: 'conflict', state: 'withdrawn' });
  });

  it('is stopped by the link in a notice, which needs no session and changes nothing when it is opened', async () => {
    const { begun } = await confirmed(host);
    await host.twoFactor.tick();
    const path = linkIn(host, 'cancel');
    const owner = browser(host.app);
    const shown = await owner.get(path).expect(200);
    expect(shown.body).toMatchObject({ reference: begun.reference, state: 'contact_confirmed' });
    expect(shown.headers['referrer-policy']).toBe('no-referrer');
    await owner.agent.head(path).expect(200);
    expect(stateOf(await owner.get(begun.statusUrl))).toBe('contact_confirmed');
    const once = await owner.post(path).expect(200);
    expect(once.body).toEqual({ state: 'cancelled_by_owner' });
    expect((await owner.post(path).expect(200)).body).toEqual(once.body);
    expect(stateOf(await owner.get(begun.statusUrl))).toBe('cancelled_by_owner');
    const late = await owner.post(`${begun.statusUrl}/evidence`, { kind: 'browser' }).expect(409);
    expect(late.body.error.state).toBe('cancelled_by_owner');
    expect(errorCode(await (await halfLogin(host)).post('/2fa/lost/requests', request()))).toBe('slow_down');
  });
});

describe('What ends a request', () => {
  it('is a sign-in with what was there before; then the link in the notice is too late', async () => {
    const host = await lostApp();
    const { begun } = await confirmed(host);
    await host.twoFactor.tick();
    await signsIn(host);
    const stranger = browser(host.app);
    expect(stateOf(await stranger.get(begun.statusUrl))).toBe('superseded_by_signin');
    const { body } = await stranger.post(linkIn(host, 'cancel')).expect(409);
    expect(body.error.state).toBe('superseded_by_signin');
  });
});
