import { minutes, seconds } from '../support/clock';
import { halfLogin } from './cast';
import {
  allVoid,
  halfWithCode,
  mailedAnn,
  mostIn,
  noneOf,
  pass,
  sentTo,
  someIn,
  triesLeft,
  wrongTold,
} from './codes-cast';
import { expectRaced, isLong } from './race';
import type { Client } from './world/client';
import type { End } from './world/end';
import type { World } from './world/world';

const both = ['one', 'other'];

/** Of two codes of one half login the older came half a minute before the newer. */
async function olderAndNewer(world: World) {
  await mailedAnn(world);
  const { half, mailed: older } = await halfWithCode(world);
  const newest = world.clock.now();
  const newer = await sentTo(world, half);
  return { half, older, newer, newest };
}

async function oneCode(world: World) {
  const enrolled = await mailedAnn(world);
  const sentAt = world.clock.now();
  return { ...enrolled, ...(await halfWithCode(world)), sentAt };
}

/** Both from the cookies of the half login, whatever the first one brought. */
const oneAfterOther = (half: Client, first: string, second: string) => async () => {
  const used = await half.copy().mailed(first);
  const again = await half.copy().mailed(second);
  return { ...used, isTwice: used.status === 200 && again.status === 200 };
};
const twiceIn = (end: End): string | false =>
  (end.outcome('one') as { isTwice?: boolean } | undefined)?.isTwice === true &&
  'one login was completed twice';

describe('A code that was sent is accepted once', () => {
  it('whatever the order of two uses of it', () =>
    expectRaced('two uses of one code by mail', {
      mails: true,
      before: oneCode,
      mostFaults: isLong ? 2 : 0,
      operations: ({ half, mailed }) => ({
        one: () => half.copy().mailed(mailed),
        other: () => half.copy().mailed(mailed),
      }),
      check: (end, { sentAt }) => [mostIn(end, both), someIn(end, both), allVoid(end, both, sentAt)],
    }));

  it('and with it go the others of its login, whichever of them is used', () =>
    expectRaced('the older and the newer code at once', {
      mails: true,
      before: olderAndNewer,
      mostFaults: isLong ? 2 : 0,
      operations: ({ half, older, newer }) => ({
        one: () => half.copy().mailed(older),
        other: () => half.copy().mailed(newer),
      }),
      check: (end, { newest }) => [mostIn(end, both), someIn(end, both), allVoid(end, both, newest)],
    }));

  it('and those that are still on their way when it is used', () =>
    expectRaced('a code is used while another one is asked for', {
      mails: true,
      before: oneCode,
      mostFaults: isLong ? 1 : 0,
      operations: ({ half, mailed }, world) => ({
        one: async () => {
          const stale = half.copy();
          const used = await half.copy().mailed(mailed);
          if (used.status !== 200) return used;
          const again = [];
          for (const code of await world.mail.read()) again.push((await stale.copy().mailed(code)).status);
          return { ...used, again };
        },
        resend: () => half.copy().sendCode(),
      }),
      check: (end) => {
        const { again = [] } = (end.outcome('one') ?? {}) as { again?: readonly number[] };
        return [
          someIn(end, ['one']),
          again.includes(200) && 'a code of a login that is over let somebody in',
        ];
      },
    }));

  it('although Redis loses its newest writes', () =>
    expectRaced('uses of one code by mail, Redis loses its newest writes', {
      mails: true,
      before: oneCode,
      mayBeStale: true,
      mostFaults: isLong ? 1 : 0,
      operations: ({ half, mailed }, world) => ({
        one: oneAfterOther(half, mailed, mailed),
        ...(isLong && { other: () => half.copy().mailed(mailed) }),
        redis: world.losing('redis', isLong ? 'all' : 'newest'),
      }),
      check: (end) => [mostIn(end, both), twiceIn(end)],
    }));

  it('although the clock jumps', () =>
    expectRaced('the older and the newer code, the clock jumps', {
      mails: true,
      before: olderAndNewer,
      mostFaults: 0,
      operations: ({ half, older, newer }, world) => ({
        one: oneAfterOther(half, older, newer),
        ...(isLong && { other: () => half.copy().mailed(newer) }),
        clock: world.jumping('clock', [-60 * seconds, 30 * seconds, 10 * minutes]),
      }),
      check: (end, { newest }) => [mostIn(end, both), twiceIn(end), allVoid(end, ['one'], newest)],
    }));

  it('although a store does what it was asked and does not say so', () =>
    expectRaced('uses of one code by mail, answers get lost', {
      mails: true,
      before: oneCode,
      fates: ['lives', 'unanswered'],
      mostFaults: isLong ? 2 : 1,
      operations: ({ half, mailed }) => ({
        one: oneAfterOther(half, mailed, mailed),
        ...(isLong && { other: () => half.copy().mailed(mailed) }),
      }),
      check: (end) => [mostIn(end, both), twiceIn(end)],
    }));
});

describe('A code works for the login that it was sent to', () => {
  it('and is a wrong one anywhere else, which costs a try there', () =>
    expectRaced('two logins, each with the code of the other', {
      mails: true,
      before: async (world) => {
        await mailedAnn(world);
        return { first: await halfWithCode(world), second: await halfWithCode(world) };
      },
      mostFaults: isLong ? 2 : 1,
      operations: ({ first, second }) => ({
        one: () => first.half.copy().mailed(second.mailed),
        other: () => second.half.copy().mailed(first.mailed),
      }),
      check: (end) => [
        both.some((name) => end.didWell(name)) && 'the code of another login let somebody in',
        wrongTold(end, both) > 10 - triesLeft(end) && 'a guess was told and not counted',
      ],
    }));

  it('and keeps its owner out of nothing when a stranger tries it', () =>
    expectRaced('a stranger uses the code of another login, its owner uses it too', {
      mails: true,
      before: async (world) => ({ ...(await oneCode(world)), stranger: await halfLogin(world) }),
      operations: ({ half, mailed, stranger }) => ({
        one: () => half.copy().mailed(mailed),
        stranger: () => stranger.copy().mailed(mailed),
      }),
      check: (end) => [
        someIn(end, ['one']),
        end.didWell('stranger') && 'the code of another login let somebody in',
        wrongTold(end, ['stranger']) > 10 - triesLeft(end) && 'a guess was told and not counted',
      ],
    }));
});

describe('A wrong code is counted before it is told', () => {
  it('in a half login with one try left, be the other one right or wrong', () =>
    expectRaced('the last try of a half login, a wrong code and the right one', {
      mails: true,
      before: async (world) => {
        const start = await oneCode(world);
        const wrong = noneOf(start.mailed);
        for (let tries = 0; tries < 4; tries += 1) await start.half.mailed(wrong);
        return { ...start, wrong };
      },
      mostFaults: isLong ? 2 : 0,
      operations: ({ half, mailed, wrong }) => ({
        right: () => half.copy().mailed(mailed),
        one: () => half.copy().mailed(wrong),
        ...(isLong && { other: () => half.copy().mailed(wrong) }),
      }),
      check: (end) => [
        wrongTold(end, both) + Number(end.didWell('right')) > 1 && 'two codes were read by the last try',
      ],
    }));

  it('in a lane with one try left', () =>
    expectRaced('the last try of a lane, wrong codes in two half logins', {
      mails: true,
      before: async (world) => {
        await mailedAnn(world);
        const codes = [await halfWithCode(world), await halfWithCode(world)];
        const wrong = noneOf(...codes.map(({ mailed }) => mailed));
        for (const tries of [5, 4]) {
          const stranger = await halfLogin(world);
          for (let spent = 0; spent < tries; spent += 1) await stranger.mailed(wrong);
        }
        return { halves: codes.map(({ half }) => half), wrong };
      },
      mostFaults: isLong ? 1 : 0,
      operations: ({ halves, wrong }) => ({
        one: async () => halves[0]?.copy().mailed(wrong),
        other: async () => halves[1]?.copy().mailed(wrong),
      }),
      check: (end) => [wrongTold(end, both) > 1 && 'two guesses by the last try of a lane'],
    }));
});

const path = '/2fa/security/otp-email';

/** The code that was sent to prove an address. */
async function codeTo(world: World, client: Client, address: string): Promise<string> {
  const { status } = await client.send('POST', `${path}/send`, { address });
  if (status !== 200) throw new Error(`nothing was sent: ${status}`);
  pass(world, 31 * seconds);
  return world.mail.newest;
}

it('Of two addresses that are proven at once, the first factor is the one that its owner was told of', () =>
  expectRaced('two addresses for the first factor', {
    mails: true,
    before: async (world) => {
      const ann = world.client();
      await ann.logIn('ann');
      const first = await codeTo(world, ann, 'one@mail.example');
      return { ann, codes: [first, await codeTo(world, ann, 'other@mail.example')] as const };
    },
    mostFaults: isLong ? 1 : 0,
    operations: ({ ann, codes }) => ({
      one: () => ann.copy().send('POST', path, { code: codes[0] }),
      other: () => ann.copy().send('POST', path, { code: codes[1] }),
    }),
    check: (end) => [mostIn(end, both), someIn(end, both)],
  }));
