import { DeliveryError, memoryAccounts, memorySender, type EmailMessage, type Sender } from '../../lib';
import { codeAt, halfLogin } from '../support/browser-agent';
import { days, hours, minutes, seconds } from '../support/clock';
import { intercepted, override } from '../support/override';
import { until } from '../support/within';
import { annEnrolled, subjects, toldApp, type ToldApp } from './cast';

/** A provider that can be down. */
function provider() {
  const inbox = memorySender({ keep: 2000 });
  const state = {
    isDown: false,
    kind: 'network' as DeliveryError['kind'],
    retryAfter: undefined as number | undefined,
    tries: 0,
  };
  const send: Sender<EmailMessage> = async (message, signal) => {
    state.tries += 1;
    if (state.isDown) throw new DeliveryError(state.kind, state.retryAfter);
    await inbox(message, signal);
  };
  return { inbox, state, send };
}

const outboxOf = async ({ options }: ToldApp) =>
  (await options.accounts.load('id-ann' as never))?.outbox ?? [];

describe('A notice that was not accepted', () => {
  async function failedOnce() {
    const { inbox, state, send } = provider();
    const host = toldApp({ email: { send, codes: false } });
    state.isDown = true;
    await annEnrolled(host);
    await until(
      2_000,
      'the first try',
      async () => (await outboxOf(host))[0]?.dueAt === host.clock.now() + minutes,
    );
    return { host, inbox, state };
  }

  it('is tried again by tick, and not before it is due', async () => {
    const { host, inbox, state } = await failedOnce();
    state.isDown = false;
    expect(await host.twoFactor.tick()).toEqual({
      notices: { sent: 0, retried: 0, dropped: 0 },
      webhooks: { sent: 0, retried: 0, dropped: 0 },
      requests: { moved: 0 },
      documents: 0,
      audit: 0,
      more: false,
    });
    host.clock.move(minutes);
    expect(await host.twoFactor.tick()).toMatchObject({ notices: { sent: 1, retried: 0, dropped: 0 } });
    expect(subjects(inbox.sent)).toEqual(['Two-factor authentication is on at Test App']);
    expect(await outboxOf(host)).toEqual([]);
    expect(await host.options.accounts.load('id-ann' as never)).not.toHaveProperty('dueAt');
    expect(await host.twoFactor.tick()).toMatchObject({ notices: { sent: 0 } });
  });

  it('is tried after growing waits, and given up after three days', async () => {
    const { host, state } = await failedOnce();
    const start = host.clock.now();
    const waits: number[] = [];
    let last = start;
    for (;;) {
      const dueAt = (await outboxOf(host))[0]?.dueAt;
      if (dueAt === undefined) break;
      waits.push(dueAt - last);
      last = dueAt;
      host.clock.set(dueAt);
      await host.twoFactor.tick();
    }
    expect(waits.slice(0, 7)).toEqual([1, 5, 15, 60, 180, 360, 720].map((wait) => wait * minutes));
    expect(last - start).toBeLessThan(3 * days);
    expect(last - start).toBeGreaterThan(2 * days);
    expect(host.events.at(-1)).toMatchObject({
      name: 'notice.dropped',
      notice: 'two-factor.enabled',
      reason: 'failed',
    });
    expect(state.tries).toBeLessThan(15);
  });

  it('waits as long as the provider asks', async () => {
    const { host, state } = await failedOnce();
    Object.assign(state, { kind: 'rate-limited', retryAfter: 2 * 3600 });
    host.clock.move(minutes);
    expect(await host.twoFactor.tick()).toMatchObject({ notices: { sent: 0, retried: 1 } });
    expect((await outboxOf(host))[0]?.dueAt).toBe(host.clock.now() + 2 * hours);
  });

  it('waits at most half a day from the next save on, whatever a clock that was ahead has left', async () => {
    const { host, inbox, state } = await failedOnce();
    const now = host.clock.now();
    host.clock.move(2 * days);
    await host.twoFactor.tick();
    expect((await outboxOf(host))[0]?.dueAt).toBeGreaterThan(now + 2 * days);
    host.clock.set(now);
    await host.twoFactor.signOutEverywhere('id-ann');
    expect((await outboxOf(host)).map(({ dueAt }) => dueAt)).toContain(now + 12 * hours);
    state.isDown = false;
    host.clock.move(12 * hours);
    await host.twoFactor.tick();
    expect(subjects(inbox.sent)).toContain('Two-factor authentication is on at Test App');
  });

  it('is dropped when nobody ran tick for three days', async () => {
    const { host } = await failedOnce();
    host.clock.move(3 * days);
    expect(await host.twoFactor.tick()).toMatchObject({ notices: { sent: 0, retried: 0, dropped: 1 } });
    expect(await outboxOf(host)).toEqual([]);
  });

  it('goes only to those who have not got it', async () => {
    const inbox = memorySender();
    let isDown = true;
    const send: Sender<EmailMessage> = async (message, signal) => {
      if (isDown && message.to === 'one@example.com') throw new DeliveryError('rate-limited');
      await inbox(message, signal);
    };
    const host = toldApp({
      email: { send, codes: false },
      users: {
        id: ({ id }) => id,
        name: ({ name }) => name,
        contacts: () =>
          ['one', 'two'].map((name) => ({ channel: 'email', address: `${name}@example.com` }) as const),
      },
    });
    await annEnrolled(host);
    await until(2_000, 'the first try', async () => (await outboxOf(host))[0]?.to.length === 1);
    isDown = false;
    host.clock.move(minutes);
    await host.twoFactor.tick();
    expect(inbox.sent.map(({ to }) => to)).toEqual(['one@example.com', 'two@example.com']);
    expect(new Set(inbox.sent.map(({ id }) => id)).size).toBe(1);
  });
});

describe('tick({ finish: true })', () => {
  it('waits for what its own process is sending already, and is no longer than that', async () => {
    const answers: (() => void)[] = [];
    const send = () => new Promise<void>((answer) => answers.push(answer));
    const host = toldApp({ email: { send, codes: false } });
    await annEnrolled(host);
    await until(2_000, 'the first try', () => answers.length === 1);
    await host.twoFactor.tick();
    expect(await outboxOf(host)).toHaveLength(1);
    const finished = host.twoFactor.tick({ finish: true });
    for (const answer of answers) answer();
    await finished;
    expect(await outboxOf(host)).toEqual([]);
    await host.twoFactor.tick({ finish: true });
  });
});

describe('A provider that hangs', () => {
  it('healthchecks/healthchecks #1111: delays nobody, and nobody tries meanwhile', async () => {
    let tries = 0;
    const host = toldApp({
      email: {
        codes: false,
        send: async () => {
          tries += 1;
          await new Promise(() => undefined);
        },
      },
      sends: { timeout: '60s' },
    });
    const started = performance.now();
    await annEnrolled(host);
    expect(performance.now() - started).toBeLessThan(5_000);
    await until(2_000, 'the try', () => tries === 1);
    await host.twoFactor.tick();
    expect(tries).toBe(1);
    await host.twoFactor.close();
    expect((await outboxOf(host))[0]?.tries).toBe(1);
    host.clock.move(2 * minutes + seconds);
  });
});

describe('A verification with something to tell', () => {
  it('asks the account store no more often than one without', async () => {
    const callsOf = async (given: Parameters<typeof toldApp>[0]): Promise<string[]> => {
      const calls: string[] = [];
      const accounts = intercepted(memoryAccounts(), (call, name) => {
        calls.push(name);
        return call();
      });
      const host = toldApp({ ...given, accounts });
      const { secret } = await annEnrolled(host);
      host.clock.move(minutes);
      const agent = await halfLogin(host);
      calls.length = 0;
      await agent.post('/2fa/totp', { code: codeAt(secret, host.clock.now()) }).expect(200);
      const made = [...calls];
      await host.twoFactor.close();
      return made;
    };
    const never: Sender<EmailMessage> = () => new Promise(() => undefined);
    const withoutMail = await callsOf({ email: undefined as never });
    expect(withoutMail).toContain('save');
    expect(await callsOf({ email: { send: never, codes: false }, sends: { timeout: '60s' } })).toEqual(
      withoutMail,
    );
  });
});

describe('tick', () => {
  it('does as many users as it may, and says that there is more', async () => {
    const { inbox, state, send } = provider();
    state.isDown = true;
    const host = toldApp({
      email: { send, codes: false },
      users: {
        id: ({ id }) => id,
        name: ({ name }) => name,
        byId: (id) => ({ id, name: `${id}@example.com` }),
        contacts: ({ name }) => [{ channel: 'email', address: name }],
      },
    });
    for (let user = 0; user < 30; user += 1) await host.twoFactor.signOutEverywhere(`user-${user}`);
    await until(5_000, 'the first tries', () => host.events.length === 30);
    state.isDown = false;
    host.clock.move(minutes);
    expect(await host.twoFactor.tick({ limit: 20 })).toEqual({
      notices: { sent: 20, retried: 0, dropped: 0 },
      webhooks: { sent: 0, retried: 0, dropped: 0 },
      requests: { moved: 0 },
      documents: 0,
      audit: 0,
      more: true,
    });
    expect(await host.twoFactor.tick({ limit: 20 })).toMatchObject({ notices: { sent: 10 }, more: false });
    expect(new Set(inbox.sent.map(({ to }) => to)).size).toBe(30);
  });

  it('is not held up by accounts that cannot be read, however many there are', async () => {
    const { inbox, state, send } = provider();
    state.isDown = true;
    const stored = memoryAccounts();
    let areBroken = false;
    const accounts = override(stored, {
      load: async (userId) => {
        if (areBroken && userId.startsWith('broken')) throw new Error('not as it was saved');
        return stored.load(userId);
      },
    });
    const host = toldApp({
      accounts,
      email: { send, codes: false },
      users: {
        id: ({ id }) => id,
        name: ({ name }) => name,
        byId: (id) => ({ id, name: `${id}@example.com` }),
        contacts: ({ name }) => [{ channel: 'email', address: name }],
      },
    });
    for (let user = 0; user < 40; user += 1) await host.twoFactor.signOutEverywhere(`broken-${user}`);
    host.clock.move(1 * seconds);
    await host.twoFactor.signOutEverywhere('ann');
    await until(5_000, 'the first tries', () => host.events.length === 41);
    state.isDown = false;
    areBroken = true;
    host.clock.move(2 * minutes);
    expect(await host.twoFactor.tick({ limit: 20 })).toMatchObject({ notices: { sent: 1 } });
    expect(inbox.sent.map(({ to }) => to)).toEqual(['ann@example.com']);
  });

  it('sends each once, however many processes run it at once', async () => {
    const { inbox, state, send } = provider();
    state.isDown = true;
    const host = toldApp({ email: { send, codes: false } });
    await annEnrolled(host);
    await until(2_000, 'the first try', () => host.events.length === 1);
    state.isDown = false;
    host.clock.move(minutes);
    const { accounts, pending, now = Date.now } = host.options;
    const stores = { accounts, pending, now };
    const others = [1, 2, 3].map(() => toldApp({ ...stores, email: { send, codes: false } }));
    const all = await Promise.all([host, ...others].map(({ twoFactor }) => twoFactor.tick()));
    expect(all.filter(({ notices }) => notices.sent > 0)).toHaveLength(1);
    expect(inbox.sent).toHaveLength(1);
  });
});
