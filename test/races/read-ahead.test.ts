import { ReadAhead, type Ahead } from '../../lib/session/read-ahead';
import { overridePending } from '../support/override';
import { codeAt } from '../support/browser-agent';
import { elsewhere, enrolledAnn, withNumber } from './cast';
import { expectRaced, expectViolation, isLong, type Race } from './race';
import type { Client } from './world/client';
import { pipelined } from './world/pipelined';
import type { World, WorldOptions } from './world/world';

interface Start {
  readonly client: Client;
  /** Another browser of hers. */
  readonly other: Client;
  readonly sid: string;
  readonly code: string;
  readonly factorId: string;
}

/** Somebody whose session this process has met a moment ago, and knows which record to ask for with it. */
async function annWhoIsKnown(world: World): Promise<Start> {
  const enrolled = await enrolledAnn(world);
  const other = await elsewhere(world, enrolled);
  await withNumber(world, enrolled.ann, 'cached');
  await other.me();
  return { ...enrolled, client: enrolled.ann, other, code: codeAt(enrolled.secret, world.clock.now()) };
}

const ends: Record<string, (start: Start) => Promise<unknown>> = {
  logout: ({ client }) => client.copy().logOut(),
  'session.destroy': ({ client }) => client.copy().destroy(),
  'step-up': ({ client, code }) => client.copy().totp(code),
  'sign-out everywhere else, from another browser': ({ other }) => other.copy().changePassword(),
  'removal of the factor': ({ client, factorId }) => client.copy().remove(factorId),
};

const elsewhereToo = ends['sign-out everywhere else, from another browser'];
/** What ends a login by its epoch alone: its session stays in the store until the app sees it. */
const isElsewhere = (end: (start: Start) => Promise<unknown>): boolean => end === elsewhereToo;

const raceOf = (end: (start: Start) => Promise<unknown>, world: WorldOptions, how: 'write' | 'me') => {
  const race: Race<Start> = {
    world: { readsAhead: true, ...world },
    before: annWhoIsKnown,
    mostFaults: isLong ? 2 : 1,
    operations: (start) => ({
      event: () => end(start),
      request: () => start.client.copy()[how](),
    }),
    check: (found, { sid }) => [
      found.didWell('event') && (isElsewhere(end) ? found.stillInOnceSeen(sid) : found.stillIn(sid)),
      !found.hasFault && !found.didWell('event') && `the event was refused: ${found.errorOf('event')}`,
    ],
  };
  return race;
};

describe('A record that is read before its session, with the session ended between the two, lets nobody back in after', () => {
  it.each(Object.entries(ends))('%s', (name, end) =>
    expectRaced(`${name}, a request that reads ahead and writes`, raceOf(end, {}, 'write')),
  );

  it.each(Object.entries(ends))('%s, by a request that only reads', (name, end) =>
    expectRaced(`${name}, a request that reads ahead`, raceOf(end, {}, 'me')),
  );

  it.each(Object.entries(ends))('%s, where record and number can be parted', (name, end) =>
    expectRaced(
      `${name}, a request that reads ahead, commands parted`,
      raceOf(end, { pending: pipelined }, 'write'),
    ),
  );

  it('and would, if what is written late were not looked at again', () =>
    expectViolation('logout, a request that reads ahead and writes, no look after the write', {
      ...raceOf(({ client }) => client.copy().logOut(), {}, 'write'),
      world: {
        readsAhead: true,
        pending: (inner) => overridePending(inner, { logins: { has: async () => true } }),
      },
    }));
});

describe('A request that is under way during a revocation is the last of its session', () => {
  const inTurn: Race<Start> = {
    world: { readsAhead: true },
    before: annWhoIsKnown,
    operations: ({ client, other }) => ({
      event: () => other.copy().changePassword(),
      requests: async () => {
        const twin = client.copy();
        await twin.me();
        return twin.me();
      },
    }),
    check: (end, { sid }) => [end.didWell('event') && end.stillInOnceSeen(sid)],
  };

  it('as the next one reads again', () =>
    expectRaced('sign-out everywhere else, two requests in turn', inTurn));

  it('and would not be, if it were given what the one before has read', async () => {
    const answers = new Map<string, Ahead['answered']>();
    const ask = ReadAhead.prototype.ask;
    const kept = jest.spyOn(ReadAhead.prototype, 'ask').mockImplementation(function (this: ReadAhead, sid) {
      const ahead = ask.call(this, sid);
      const take = ahead?.take.bind(ahead);
      if (!ahead || !take) return null;
      ahead.take = (error, login, epoch) => {
        if (!answers.has(sid) && typeof epoch === 'number') answers.set(sid, { login, epoch });
        take(error, login, epoch);
      };
      Object.defineProperty(ahead, 'answered', { get: () => answers.get(sid) ?? null });
      return ahead;
    });
    await expectViolation('sign-out everywhere else, two requests in turn, an answer kept', inTurn);
    kept.mockRestore();
  });
});
