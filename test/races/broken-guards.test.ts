import type { SessionData } from 'express-session';
import type { Pending } from '../../lib';
import { loginKeyOf } from '../../lib/crypto/digest';
import { localKey } from '../support/keys';
import { overridePending } from '../support/override';
import { countsLate, replacesAny, savesOver } from './broken';
import { enrolledAnn, halfLogin, signedInBob, withNumber, wrongCode } from './cast';
import { halfWithCode, mailedAnn, mostIn, noneOf, wrongTold } from './codes-cast';
import { halfWithAnswer, keyedAnn, newKeyChallenge } from './keys-cast';
import { expectViolation, type Race } from './race';
import type { Client } from './world/client';
import type { SteppedSessions } from './world/stepped-sessions';
import type { World, WorldOptions } from './world/world';

type Done = (error?: unknown) => void;
type Broken = WorldOptions;

/** A method that no guard can replace. */
function pin<Name extends 'set' | 'destroy'>(
  sessions: SteppedSessions,
  name: Name,
  own: SteppedSessions[Name],
): void {
  Object.defineProperty(sessions, name, { get: () => own, set: () => {} });
}

/** A store whose sessions forget their mark. */
const unmarked: Broken = {
  sessions: ({ sessions }) => {
    const get = sessions.get.bind(sessions);
    sessions.get = (sid, done) =>
      get(sid, (error, session) => {
        const { secondFactor: _, ...rest } = session ?? {};
        done(error, session ? (rest as SessionData) : session);
      });
    return sessions;
  },
};

/** A store that writes whatever it is given. */
const unguarded: Broken = {
  sessions: ({ sessions }) => {
    pin(sessions, 'set', sessions.set.bind(sessions));
    return sessions;
  },
};

/** A store that looks for the record and then writes. */
const looksFirst: Broken = {
  sessions: ({ sessions, pending }) => {
    const set = sessions.set.bind(sessions);
    pin(sessions, 'set', (sid, session, done: Done) => {
      if (session.secondFactor !== 1) return set(sid, session, done);
      pending.logins
        .has(loginKeyOf(sid))
        .then((isAlive) => (isAlive ? set(sid, session, done) : done()), done);
    });
    return sessions;
  },
};

/** A store that destroys the session first and the record then. */
const destroysFirst: Broken = {
  sessions: ({ sessions, pending }) => {
    const destroy = sessions.destroy.bind(sessions);
    pin(sessions, 'destroy', (sid, done: Done) => {
      const key = loginKeyOf(sid);
      destroy(sid, () => {
        // Not what has replaced it: a renewal destroys the session that it replaces.
        const removed = pending.logins.has(key).then((isThere) => isThere && pending.logins.remove(key));
        removed.then(() => done(), done);
      });
    });
    return sessions;
  },
};

/** A record that is replaced stays, and is said to be gone. */
const keepsRecords: Broken = {
  pending: (inner) =>
    overridePending(inner, {
      logins: {
        write: async (key, login, user, life) => {
          await inner.logins.write(key, login, user, life, null);
          return true;
        },
      },
    }),
};

const neverSuspends: Broken = {
  pending: (inner) => overridePending(inner, { epochs: { suspend: async () => undefined } }),
};

/** A number that is raised over a `?` as well. */
const raisesAlways = (world: () => World): Broken => ({
  pending: (inner) =>
    overridePending(inner, {
      epochs: {
        raise: async (user, to) => {
          await world().pending.evictEpoch(user);
          await inner.epochs.raise(user, to);
        },
      },
    }),
});

const lateTo = <Start extends { sid: string }>(
  world: WorldOptions,
  before: (world: World) => Promise<Start>,
  clientOf: (start: Start) => Client,
  event: (client: Client, start: Start) => Promise<unknown>,
): Race<Start> => ({
  world,
  before,
  operations: (start) => ({
    event: () => event(clientOf(start).copy(), start),
    late: () => clientOf(start).copy().write(),
  }),
  check: (end, { sid }) => [end.didWell('event') && end.stillIn(sid)],
});

const bobSignsOut = (world: WorldOptions) =>
  lateTo(
    world,
    signedInBob,
    ({ bob }) => bob,
    (client) => client.logOut(),
  );
const annSignsOut = (world: WorldOptions) =>
  lateTo(
    world,
    enrolledAnn,
    ({ ann }) => ann,
    (client) => client.logOut(),
  );
const annDestroysHers = (world: WorldOptions) =>
  lateTo(
    world,
    enrolledAnn,
    ({ ann }) => ann,
    (client) => client.destroy(),
  );
const annStepsUp = (world: WorldOptions) =>
  lateTo(
    world,
    enrolledAnn,
    ({ ann }) => ann,
    (client, { code }) => client.totp(code),
  );

const signsOutEverywhere = (world: WorldOptions, isEvicted = false): Race<{ sid: string; bob: Client }> => ({
  world,
  before: async (w) => {
    await w.twoFactor.signOutEverywhere('id-bob');
    const { bob, sid } = await signedInBob(w);
    await withNumber(w, bob, 'not cached');
    return { bob, sid };
  },
  operations: ({ bob }, w) => ({
    writer: () => w.twoFactor.signOutEverywhere('id-bob'),
    reader: () => bob.copy().me(),
    ...(isEvicted && { redis: { name: 'redis', work: () => w.evictEpochOf('bob'), isImmortal: true } }),
  }),
  check: (end, { sid }) => [end.didWell('writer') && end.stillInOnceSeen(sid)],
});

describe('The explorer finds what each guard is there for', () => {
  it('without the mark a late request brings a session back', () =>
    expectViolation('sessions without a mark', bobSignsOut(unmarked)));

  it('without the guard on set a late request brings a session back', () =>
    expectViolation('a session store without the guard on set', annSignsOut(unguarded)));

  it('a guard that looks and then writes can be passed between the two', () =>
    expectViolation('a guard that looks before it writes', annSignsOut(looksFirst)));

  it('a session destroyed before its record can be written back', () =>
    expectViolation('a destroy that removes the record last', annDestroysHers(destroysFirst)));

  it('a record that is not removed with its session id keeps the old one alive', () =>
    expectViolation('a step-up that leaves the old record', annStepsUp(keepsRecords)));

  it('without the ? before the save an old login lives on', () =>
    expectViolation('an epoch that is not suspended before the save', signsOutEverywhere(neverSuspends)));

  it('a ? that can be raised over lets an old login live on', () => {
    const worlds: World[] = [];
    const broken = raisesAlways(() => worlds.at(-1) as World);
    const race = signsOutEverywhere(broken);
    return expectViolation('a number that is raised over a ?', {
      ...race,
      before: (world) => {
        worlds.push(world);
        return race.before(world);
      },
    });
  });

  it('a ? that Redis throws away lets an old login live on, for its minute', () =>
    expectViolation('a ? that is evicted, looked at within the minute', signsOutEverywhere({}, true)));

  it('a try that is read and then counted gives more guesses', () =>
    expectViolation('tries that are not counted in one step', {
      world: { pending: countsLate },
      before: async (world) => {
        const enrolled = await enrolledAnn(world);
        const half = await halfLogin(world);
        const wrong = wrongCode(enrolled.secret, world.clock.now());
        for (let tries = 0; tries < 4; tries += 1) await half.totp(wrong);
        return { half, wrong };
      },
      operations: ({ half, wrong }) => ({
        one: () => half.copy().totp(wrong),
        other: () => half.copy().totp(wrong),
      }),
      check: (end) => [
        ['one', 'other'].every((name) => end.errorOf(name) === 'wrong_code') && 'two guesses by the last try',
      ],
    }));

  it('a save that does not compare lets one code in twice', () =>
    expectViolation('accounts that are saved over', {
      world: { accounts: savesOver },
      before: async (world) => {
        const enrolled = await enrolledAnn(world);
        return { ...enrolled, clients: [await halfLogin(world), await halfLogin(world)] };
      },
      operations: ({ clients, code }) => ({
        one: async () => clients[0]?.copy().totp(code),
        other: async () => clients[1]?.copy().totp(code),
      }),
      check: (end) => [['one', 'other'].every((name) => end.didWell(name)) && 'one code let two in'],
    }));
});

const both = ['one', 'other'];

/** Budgets that are looked at, and taken from after that. */
const takesLate = (inner: Pending): Pending =>
  overridePending(inner, {
    budgets: {
      take: async (budgets) => {
        const taken = await inner.budgets.take(budgets);
        if (!taken.ok) return taken;
        await inner.budgets.giveBack(budgets);
        await inner.budgets.take(budgets);
        return taken;
      },
    },
  });

describe('The explorer finds what each guard of a code is there for', () => {
  it('a save that does not compare lets one code in twice', () =>
    expectViolation('a code by mail, accounts that are saved over', {
      mails: true,
      world: { accounts: savesOver, pending: replacesAny },
      before: async (world) => {
        await mailedAnn(world);
        return halfWithCode(world);
      },
      mostFaults: 0,
      operations: ({ half, mailed }) => ({
        one: () => half.copy().mailed(mailed),
        other: () => half.copy().mailed(mailed),
      }),
      check: (end) => [mostIn(end, both)],
    }));

  it('a try that is counted after the code was read gives more guesses', () =>
    expectViolation('a code by mail, tries that are counted late', {
      mails: true,
      world: { pending: countsLate },
      before: async (world) => {
        await mailedAnn(world);
        const { half, mailed } = await halfWithCode(world);
        const wrong = noneOf(mailed);
        for (let tries = 0; tries < 4; tries += 1) await half.mailed(wrong);
        return { half, wrong };
      },
      mostFaults: 0,
      operations: ({ half, wrong }) => ({
        one: () => half.copy().mailed(wrong),
        other: () => half.copy().mailed(wrong),
      }),
      check: (end) => [wrongTold(end, both) > 1 && 'two guesses by the last try'],
    }));

  it('a budget that is looked at and taken from later lets too many mails leave', () =>
    expectViolation('requests for a code, budgets that are taken from late', {
      mails: true,
      world: { pending: takesLate },
      before: async (world) => {
        await mailedAnn(world);
        return { half: await halfLogin(world) };
      },
      mostFaults: 0,
      operations: ({ half }) => ({
        one: () => half.copy().sendCode(),
        other: () => half.copy().sendCode(),
      }),
      check: (_end, _start, world) => [world.mail.count > 1 && 'two mails in one cooldown'],
    }));
});

describe('The explorer finds what the guards of a key are there for', () => {
  it('a save that does not compare lets one answer in twice', () =>
    expectViolation('an answer of a key, accounts that are saved over', {
      keys: true,
      world: { accounts: savesOver, pending: replacesAny },
      before: async (world) => halfWithAnswer(world, (await keyedAnn(world)).key),
      mostFaults: 0,
      operations: ({ half, answer }) => ({
        one: () => half.copy().key(answer),
        other: () => half.copy().key(answer),
      }),
      check: (end) => [mostIn(end, both)],
    }));

  it('and adds two keys by one challenge', () =>
    expectViolation('two new keys answer one challenge, accounts that are saved over', {
      keys: true,
      world: { accounts: savesOver, pending: replacesAny },
      before: async (world) => {
        const { ann } = await keyedAnn(world);
        const challenge = await newKeyChallenge(ann);
        return { ann, made: [localKey().create(challenge), localKey().create(challenge)] as const };
      },
      mostFaults: 0,
      operations: ({ ann, made }) => ({
        one: () => ann.copy().newKey(made[0]),
        other: () => ann.copy().newKey(made[1]),
      }),
      check: (end) => [mostIn(end, both)],
    }));
});
