import type { Response } from 'supertest';
import { memoryAccounts } from '../../lib';
import { minutes, seconds, days } from '../support/clock';
import { fakeClock } from '../support/clock';
import { browser, errorCode, type BrowserAgent, halfLogin } from '../support/browser-agent';
import { passkeysApp, localKey } from '../support/keys';
import { accountOf, askedBy, challengeOf, ownerOf, signedIn, userOf, type Owner } from './keys-cast';

const visitorLine = (answer: Response): string =>
  ((answer.headers['set-cookie'] ?? []) as unknown as string[]).find((one) =>
    one.startsWith('2fa-visitor'),
  ) ?? '';
const pairOf = (line: string): string => line.split(';')[0] ?? '';

const ask = async (agent: BrowserAgent): Promise<string> => {
  const { body } = await agent.post('/2fa/passkey/options').expect(200);
  return (body as { options: { challenge: string } }).options.challenge;
};
const answer = (agent: BrowserAgent, response: object) => agent.post('/2fa/passkey', { response });

async function ann(given: Parameters<typeof passkeysApp>[0] = {}) {
  const owner = await ownerOf(passkeysApp(given));
  const got = (challenge: string) => owner.key.get(challenge, { userHandle: owner.handle });
  return { ...owner, got };
}

/** The same app in another process: its accounts and keys are the same, its clock is its own. */
const beside = ({ options }: Pick<Owner, 'options'>, by: number) =>
  passkeysApp({ accounts: options.accounts, clock: fakeClock((options.now?.() ?? 0) + by) });

describe('A challenge for whoever is on the login page', () => {
  it('lives five minutes, as the browser is told, as its cookie does and as the docs say', async () => {
    const { app, clock, got } = await ann();
    const agent = browser(app);
    const asked = await agent.post('/2fa/passkey/options').expect(200);
    expect(asked.body.options.timeout).toBe(5 * minutes);
    expect(visitorLine(asked)).toMatch(/; Max-Age=300; Path=\/; HttpOnly; SameSite=Strict$/);
    const late = got(await ask(agent));
    clock.move(5 * minutes);
    expect(errorCode(await answer(agent, late))).toBe('code_used');
    const inTime = got(await ask(agent));
    clock.move(5 * minutes - 1);
    await answer(agent, inTime).expect(200);
  });

  it.each([
    [5 * minutes - 1, undefined],
    [5 * minutes, 'code_used'],
  ])('lives as long as one of the step, and as one to add a key: %d ms', async (late, code) => {
    const owner = await ann();
    const step = await halfLogin(owner);
    const asked = await askedBy(step, '/2fa/webauthn/options');
    owner.clock.move(late);
    const passed = await step.post('/2fa/webauthn', { response: owner.key.get(asked.challenge) });
    expect([asked.timeout, errorCode(passed)]).toEqual([5 * minutes, code]);

    const bob = await signedIn(owner, 'bob');
    const toAdd = await askedBy(bob, '/2fa/security/webauthn/options');
    owner.clock.move(late);
    const response = localKey().create(toAdd.challenge);
    const added = await bob.post('/2fa/security/webauthn', { response });
    expect([toAdd.timeout, errorCode(added)]).toEqual([5 * minutes, code]);
  });

  it('is of 32 bytes, like every other', async () => {
    const owner = await ann();
    for (const challenge of [await ask(browser(owner.app)), await challengeOf(await halfLogin(owner))])
      expect(Buffer.from(challenge, 'base64url')).toHaveLength(32);
  });

  it.each([0, 1, 4])(
    'works in as many tabs as are open, whichever of them asked first (%d)',
    async (which) => {
      const owner = await ann();
      const agent = browser(owner.app);
      await ask(agent);
      const tabs = await Promise.all(Array.from({ length: 5 }, () => ask(agent)));
      await answer(agent, owner.got(tabs[which] ?? '')).expect(200);
    },
  );

  it('counts once, of any number that answer it at once', async () => {
    const owner = await ann();
    const agent = browser(owner.app);
    const response = owner.got(await ask(agent));
    const answers = await Promise.all(Array.from({ length: 10 }, () => answer(agent, response)));
    expect(answers.filter(({ status }) => status === 200)).toHaveLength(1);
    expect(answers.flatMap((one) => errorCode(one) ?? [])).toEqual(Array<string>(9).fill('code_used'));
    expect(errorCode(await answer(agent, response))).toBe('code_used');
  });

  it('counts once also with the cookie from before, which a thief may have kept', async () => {
    const owner = await ann();
    const agent = browser(owner.app);
    const asked = await agent.post('/2fa/passkey/options').expect(200);
    const cookie = pairOf(visitorLine(asked));
    const response = owner.got(asked.body.options.challenge as string);
    await answer(agent, response).expect(200);
    const thief = browser(owner.app);
    const replayed = await answer(thief, response).set('Cookie', cookie);
    expect([errorCode(replayed), await userOf(thief)]).toEqual(['code_used', null]);
    // Nor with what that answer made of the cookie.
    const again = await answer(thief, response).set('Cookie', pairOf(visitorLine(replayed)));
    expect(errorCode(again)).toBe('code_used');
  });

  it('is of the browser that asked, by a cookie that we made and nobody else can', async () => {
    const owner = await ann();
    const [agent, other] = [browser(owner.app), browser(owner.app)];
    const name = pairOf(visitorLine(await agent.post('/2fa/passkey/options'))).split('=')[0];
    const response = owner.got(await ask(agent));
    await ask(other);
    expect(errorCode(await answer(other, response))).toBe('code_used');
    for (const value of ['', 'A'.repeat(22), '1.00000000.AAAA', 'null', '{}']) {
      const planted = `${name}=${value}`;
      const asked = await browser(owner.app).post('/2fa/passkey/options').set('Cookie', planted).expect(200);
      expect(pairOf(visitorLine(asked))).not.toBe(planted);
      const refused = await answer(browser(owner.app), response).set('Cookie', planted);
      expect([refused.status, errorCode(refused)]).toEqual([401, 'code_used']);
    }
    await answer(agent, response).expect(200);
  });

  it('is over when the cookie’s browser has signed somebody in: another user asks for another', async () => {
    const owner = await ann();
    const bob = await ownerOf(owner, localKey(), 'bob');
    owner.clock.move(1 * seconds);
    const agent = browser(owner.app);
    const challenge = await ask(agent);
    await answer(agent, owner.got(challenge)).expect(200);
    await agent.signOut();
    const bobs = bob.key.get(challenge, { userHandle: bob.handle });
    expect(errorCode(await answer(agent, bobs))).toBe('code_used');
    const anew = bob.key.get(await ask(agent), { userHandle: bob.handle });
    await answer(agent, anew).expect(200);
    expect(await userOf(agent)).toBe('id-bob');
  });

  it('is out of date once one of the user’s keys was used after it', async () => {
    const owner = await ann();
    const agent = browser(owner.app);
    const response = owner.got(await ask(agent));
    owner.clock.move(1 * seconds);
    const step = await halfLogin(owner);
    await step.post('/2fa/webauthn', { response: owner.key.get(await challengeOf(step)) }).expect(200);
    expect(errorCode(await answer(agent, response))).toBe('code_used');
    await answer(agent, owner.got(await ask(agent))).expect(200);
  });

  it('is none of the step, nor one of the step for it', async () => {
    const owner = await ann();
    const agent = await halfLogin(owner);
    const step = await agent.post('/2fa/webauthn', { response: owner.key.get(await ask(agent)) });
    expect(errorCode(step)).toBe('wrong_code');
    expect(errorCode(await answer(agent, owner.got(await challengeOf(agent))))).toBe('code_used');
  });
});

describe('A challenge for whoever is on the login page, where clocks differ', () => {
  it.each([-2 * minutes, 2 * minutes])('is answered in a process whose clock is %d ms off', async (by) => {
    const owner = await ann();
    const other = beside(owner, by);
    const agent = browser(owner.app);
    const cookies = await agent.post('/2fa/passkey/options').expect(200);
    const elsewhere = browser(other.app);
    const response = owner.got(cookies.body.options.challenge as string);
    await answer(elsewhere, response)
      .set('Cookie', pairOf(visitorLine(cookies)))
      .expect(200);
  });

  it('is refused once at most after the last use went by a clock that was ahead; the next one counts', async () => {
    const owner = await ann();
    const ahead = browser(owner.app);
    owner.clock.move(3 * days);
    await answer(ahead, owner.got(await ask(ahead))).expect(200);
    owner.clock.move(-3 * days);
    const agent = browser(owner.app);
    const refused = await answer(agent, owner.got(await ask(agent)));
    expect(errorCode(refused)).toBe('code_used');
    for (let time = 0; time < 3; time += 1) {
      const response = owner.got(await ask(agent));
      const [passed, again] = [await answer(agent, response), await answer(agent, response)];
      // The first of them may have to be asked for anew; none is taken twice.
      expect([passed.status, errorCode(again)]).toEqual([200, 'code_used']);
      await agent.signOut();
    }
  });

  it('is over when the clock was put back by more than its life since', async () => {
    const owner = await ann();
    const agent = browser(owner.app);
    owner.clock.move(1 * days);
    const response = owner.got(await ask(agent));
    owner.clock.move(-1 * days);
    expect(errorCode(await answer(agent, response))).toBe('code_used');
    await answer(agent, owner.got(await ask(agent))).expect(200);
  });

  it('never makes the account say that a key was used later than a challenge was asked', async () => {
    const accounts = memoryAccounts();
    const owner = await ann({ accounts });
    const agent = browser(owner.app);
    await answer(agent, owner.got(await ask(agent))).expect(200);
    const [key] = (await accountOf(owner))?.factors ?? [];
    expect(key?.usedUpTo).toBe(owner.clock.now());
  });
});
