import type { SessionData } from 'express-session';
import { overridePending } from '../support/override';
import { expectRaced, expectViolation, isLong, type Race } from './race';
import type { Client } from './world/client';
import type { End } from './world/end';
import { pipelined } from './world/pipelined';
import { SteppedSessions } from './world/stepped-sessions';
import type { World, WorldOptions } from './world/world';

interface Start {
  readonly client: Client;
  readonly sid: string;
}

/** ann, whose account was never stored, is signed in by a process that knows nothing of a second factor. */
async function signedInBefore(world: World): Promise<Start> {
  const client = world.client();
  await client.send('POST', '/old-login');
  return { client, sid: world.sidOf(client) };
}

/** A slow request to such a process: it reads the session, and writes it back as it was. No guard of ours is there. */
const writesBack = (world: World, sid: string) => async () => {
  const { get, set } = SteppedSessions.prototype;
  const session = await new Promise<SessionData | null>((resolve) => {
    get.call(world.sessions, sid, (_error, found) => resolve(found ?? null));
  });
  if (session) await new Promise((resolve) => set.call(world.sessions, sid, session, resolve));
};

/** What ends the session id in a process that has the library. */
const ends: Record<string, (client: Client, world: World) => Promise<unknown>> = {
  logout: (client) => client.logOut(),
  'session.destroy': (client) => client.destroy(),
  'account linking': (client) => client.logIn('ann'),
  'a login as somebody else': (client) => client.logIn('bob'),
  'a password change': (client) => client.changePassword(),
  'signing out everywhere': async (_client, world) => {
    await world.twoFactor.signOutEverywhere('id-ann');
  },
};

/** Whether ann was met in that session: an end that comes when her session was not there ends nothing. */
const met = (end: End): boolean => {
  const { who } = (end.answer('end')?.body ?? { who: 'ann' }) as { who?: unknown };
  return end.didWell('end') && who !== null;
};

const rolling = (
  endIt: (client: Client, world: World) => Promise<unknown>,
  world: WorldOptions = {},
  isCrowded = false,
): Race<Start> => ({
  world,
  before: signedInBefore,
  operations: ({ client, sid }, within) => ({
    end: () => endIt(client.copy(), within),
    older: { name: 'older', work: writesBack(within, sid), isImmortal: true },
    ...(isCrowded && { reader: () => client.copy().me() }),
  }),
  check: (end, { sid }) => [met(end) && end.stillInOnceSeen(sid)],
});

describe('A late write of an older process, while the library is being rolled out, brings no login back that was ended by', () => {
  it.each(Object.entries(ends))('%s', (name, endIt) =>
    expectRaced(`an older process writes late, ${name}`, rolling(endIt)),
  );

  const some = Object.entries(ends).filter(([name]) => isLong || name === 'session.destroy');
  it.each(some)('%s, while other requests adopt the session', (name, endIt) =>
    expectRaced(`an older process writes late, ${name}, another request`, rolling(endIt, {}, true)),
  );

  it.each(some)('%s, where the commands of one round trip can be parted', (name, endIt) =>
    expectRaced(
      `an older process writes late, ${name}, commands parted`,
      rolling(endIt, { pending: pipelined }),
    ),
  );
});

describe('The explorer finds what it takes', () => {
  it('an adoption that does not look is one that brings a login back', () =>
    expectViolation(
      'an adoption that does not look',
      rolling((client) => client.logOut(), {
        pending: (inner) => overridePending(inner, { setups: { get: async () => null } }),
      }),
    ));
});
