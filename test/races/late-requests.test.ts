import type { SessionOptions } from 'express-session';
import { codeAt } from '../support/browser-agent';
import { hours } from '../support/clock';
import { elsewhere, enrolledAnn, halfLogin, settingUp, signedInBob } from './cast';
import { expectRaced, isLong, type Race } from './race';
import type { Answer } from './world/ask';
import type { Client } from './world/client';
import type { End } from './world/end';
import { pipelined } from './world/pipelined';
import type { World, WorldOptions } from './world/world';

/** How apps set up their sessions. */
const settings: Record<string, Partial<SessionOptions>> = {
  maxAge: { cookie: { maxAge: hours } },
  'maxAge and rolling': { rolling: true, cookie: { maxAge: hours } },
  resave: { resave: true },
};

interface Start {
  /** The browser whose session is ended or renewed. */
  readonly client: Client;
  readonly sid: string;
  /** What the event needs: a code of the app, or a backup code. */
  readonly code: string;
  readonly factorId: string;
}

const ann = async (world: World): Promise<Start> => {
  const enrolled = await enrolledAnn(world);
  return { ...enrolled, client: enrolled.ann };
};
const annOwing = async (world: World): Promise<Start> => {
  const enrolled = await enrolledAnn(world);
  const client = await halfLogin(world);
  return { ...enrolled, client, sid: world.sidOf(client) };
};
const annRenewing = async (world: World): Promise<Start> => {
  const enrolled = await enrolledAnn(world);
  const { body } = await enrolled.ann.renewCodes();
  const [code = ''] = (body as { backupCodes: string[] }).backupCodes;
  return { ...enrolled, client: enrolled.ann, code };
};
const annSettingUp = async (world: World): Promise<Start> => {
  const { client, backupCodes } = await settingUp(world);
  return { client, sid: world.sidOf(client), code: backupCodes[0] ?? '', factorId: '' };
};
const bob = async (world: World): Promise<Start> => {
  const { bob: client, sid } = await signedInBob(world);
  return { client, sid, code: '', factorId: '' };
};

interface Event {
  readonly before: (world: World) => Promise<Start>;
  readonly work: (client: Client, start: Start) => Promise<Answer>;
}

/** What ends an old session id. */
const events: Record<string, Event> = {
  // The spike session-mark (S1, S2): a user without factors, whose account was never stored.
  'session-mark: logout of a user without factors': { before: bob, work: (client) => client.logOut() },
  'session-mark: session.destroy of a user without factors': {
    before: bob,
    work: (client) => client.destroy(),
  },
  // The spikes session-store-guard and parallel-requests.
  'store guard: logout': { before: ann, work: (client) => client.logOut() },
  'store guard: session.destroy': { before: ann, work: (client) => client.destroy() },
  'parallel-requests: second factor': {
    before: annOwing,
    work: (client, { code }) => client.totp(code),
  },
  'parallel-requests: step-up': {
    before: ann,
    work: (client, { code }) => client.totp(code),
  },
  'parallel-requests: cancelled half login': { before: annOwing, work: (client) => client.cancel() },
  'parallel-requests: password change': { before: ann, work: (client) => client.changePassword() },
  'parallel-requests: password change of a user without factors': {
    before: bob,
    work: (client) => client.changePassword(),
  },
  'parallel-requests: factor removal': {
    before: ann,
    work: (client, { factorId }) => client.remove(factorId),
  },
  'parallel-requests: first factor': {
    before: annSettingUp,
    work: (client, { code }) => client.acknowledge(code),
  },
  'parallel-requests: new backup codes': {
    before: annRenewing,
    work: (client, { code }) => client.acknowledge(code),
  },
  'parallel-requests: account linking': { before: ann, work: (client) => client.logIn('ann') },
};

/** What ends a session, and a request of the same browser that began before and writes its session at its end. */
const lateTo = (
  { before, work }: Event,
  world: WorldOptions,
  { isCrowded = false, mayDie = false } = {},
): Race<Start> => ({
  world,
  before,
  mostFaults: isLong ? 2 : Number(mayDie),
  operations: (start) => ({
    event: () => work(start.client.copy(), start),
    late: () => start.client.copy().write(),
    ...(isCrowded && { later: () => start.client.copy().write() }),
  }),
  check: (end, { sid }) => [
    end.didWell('event') && end.stillIn(sid),
    !end.hasFault && !end.didWell('event') && `the event was refused: ${end.errorOf('event')}`,
  ],
});

describe('No request that comes late brings back a session that was ended by', () => {
  it.each(Object.entries(events))('%s', (name, event) =>
    expectRaced(
      `${name}, a late request that writes`,
      lateTo(event, {}, { isCrowded: isLong, mayDie: /store guard|second factor|step-up/.test(name) }),
    ),
  );
});

describe.each(Object.entries(settings))(
  'With %s, no late request brings back a session ended by',
  (how, session) => {
    const some = Object.entries(events).filter(
      ([name]) => isLong || /store guard: logout|step-up/.test(name),
    );
    it.each(some)('%s', (name, event) => {
      const race = lateTo(event, { session });
      return expectRaced(`${name}, a late request that only reads, ${how}`, {
        ...race,
        operations: (start, world) => ({
          ...race.operations(start, world),
          late: () => start.client.copy().me(),
        }),
      });
    });
  },
);

describe('Where the commands of one round trip can be parted, no late request brings back a session ended by', () => {
  const some = Object.entries(events).filter(
    ([name]) => isLong || /store guard: logout|step-up|removal/.test(name),
  );
  it.each(some)('%s', (name, event) =>
    expectRaced(
      `${name}, a late request that writes, commands parted`,
      lateTo(event, { pending: pipelined }),
    ),
  );
});

describe('A login that ends', () => {
  it('is over in the browser that ends it, while a step-up in another browser continues', () =>
    expectRaced('logout in one browser, step-up in another', {
      before: async (world) => {
        const enrolled = await enrolledAnn(world);
        const other = await elsewhere(world, enrolled);
        return { ...enrolled, other, otherSid: world.sidOf(other) };
      },
      operations: ({ ann: client, other, code }) => ({
        logout: () => client.copy().logOut(),
        'step-up': () => other.copy().totp(code),
        ...(isLong && { late: () => client.copy().write() }),
      }),
      check: (end, { sid, otherSid }) => [
        end.didWell('logout') && end.stillIn(sid),
        end.didWell('step-up') && end.stillIn(otherSid),
        !end.hasFault &&
          ![...end.sessions.values()].some(({ app }) => app === 'id-ann') &&
          'the step-up was lost',
      ],
    }));

  it('stays over when its session is older than the installation and its record expires (revoked-returns)', () =>
    expectRaced('revoked-returns: signed out everywhere, then the record is gone', {
      before: signedInBob,
      operations: ({ bob: client, sid }, world) => ({
        owner: async () => {
          await world.twoFactor.signOutEverywhere('id-bob');
        },
        thief: () => client.copy().write(),
        redis: { name: 'redis', work: () => world.loseRecord(sid), isImmortal: true },
        ...(isLong && { thiefAgain: () => client.copy().me() }),
      }),
      check: (end, { sid }) => [end.didWell('owner') && end.stillInOnceSeen(sid)],
    }));
});

describe('Between password and second factor nobody is in the session', () => {
  const nobodyYet = (end: End): string | false => {
    const isProven = (end.account('ann')?.factors[0]?.lastUsedAt ?? null) !== null;
    const seen = [...end.sessions.values()].some(({ raw, app }) => raw === 'id-ann' || app === 'id-ann');
    return seen && !isProven && 'somebody is seen without a proof';
  };

  it('whatever is read or written meanwhile (pending-in-session)', () =>
    expectRaced('pending-in-session: a sign-in, a request in the same half login', {
      before: async (world) => {
        const enrolled = await enrolledAnn(world);
        await enrolled.ann.logOut();
        const half = await halfLogin(world);
        return { ...enrolled, half, sid: world.sidOf(half) };
      },
      operations: ({ half, code, sid }, world) => ({
        'sign-in': () => half.copy().totp(code),
        ...(isLong && { late: () => half.copy().write() }),
        socket: { name: 'socket', work: () => world.read(sid), isImmortal: true },
      }),
      check: (end, { sid }) => [
        nobodyYet(end),
        end.outcome('socket') !== null && 'a socket saw a user in a half login',
        end.didWell('sign-in') && end.stillIn(sid),
      ],
    }));

  it('although the login keeps what another user left in the session', () =>
    expectRaced("pending-in-session: a login that keeps another user's data", {
      before: async (world) => {
        const enrolled = await enrolledAnn(world);
        await enrolled.ann.logOut();
        const client = world.client();
        await client.logIn('bob');
        return { ...enrolled, client, sid: world.sidOf(client) };
      },
      operations: ({ client }) => ({
        'sign-in': () => client.copy().send('POST', '/login-keeping', { username: 'ann', password: 'right' }),
        late: () => client.copy().write(),
      }),
      check: (end, { sid }) => [nobodyYet(end), end.answer('sign-in')?.status === 401 && end.stillIn(sid)],
    }));

  it('and a remember-me login on every asset leaves the half login of the page alone (remember-me-assets)', () =>
    expectRaced('remember-me-assets: two assets and the code', {
      before: async (world) => {
        const enrolled = await enrolledAnn(world);
        await enrolled.ann.logOut();
        const half = await halfLogin(world);
        return { ...enrolled, half, sid: world.sidOf(half) };
      },
      operations: ({ half, secret }, world) => ({
        style: () => half.copy().send('GET', '/asset'),
        ...(isLong && { picture: () => half.copy().send('GET', '/asset') }),
        page: () => half.copy().totp(codeAt(secret, world.clock.now())),
      }),
      check: (end, { sid }) => [
        nobodyYet(end),
        !end.isDead('page') && !end.didWell('page') && `the code was refused: ${end.errorOf('page')}`,
        end.didWell('page') && end.stillIn(sid),
        ['style', 'picture'].some((asset) => end.didWell(asset)) && 'an asset signed somebody in',
      ],
    }));
});
