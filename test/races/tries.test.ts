import { codeAt } from '../support/browser-agent';
import { hours, seconds } from '../support/clock';
import { enrolledAnn, halfLogin, wrongCode, type Enrolled } from './cast';
import { expectRaced, isLong } from './race';
import type { Answer } from './world/ask';
import type { Client } from './world/client';
import type { End } from './world/end';
import type { World } from './world/world';

const day = 24 * hours;
const guessers = ['one', 'other', 'third'];
/** Guesses whose result was told; what is refused unread tells nothing. */
const evaluated = (end: End): number =>
  guessers.filter((name) => ['wrong_code', 'clock_off'].includes(end.errorOf(name) ?? '')).length;
const left = (end: End): number => Math.min(10, end.account('ann')?.lanes.others.left ?? 0);

interface Guessing extends Enrolled {
  readonly wrong: string;
  readonly halves: readonly Client[];
}

/** ann's app, strangers with her password in half logins of their own, and how many tries they have spent. */
const strangers =
  (spent: number, count: number) =>
  async (world: World): Promise<Guessing> => {
    const enrolled = await enrolledAnn(world);
    const wrong = wrongCode(enrolled.secret, world.clock.now());
    for (let guessed = 0; guessed < spent;) {
      const stranger = await halfLogin(world);
      for (let tries = 0; tries < 5 && guessed < spent; tries += 1, guessed += 1) await stranger.totp(wrong);
    }
    const halves = [];
    for (let number = 0; number < count; number += 1) halves.push(await halfLogin(world));
    return { ...enrolled, wrong, halves };
  };

const guess = (client: Client | undefined, code: string) => () =>
  client?.copy().totp(code) ?? Promise.resolve(null);

/** At once, or where a third thing happens beside them and time is short, one after the other. */
const twoGuesses = (halves: readonly Client[], code: string): { [name: string]: () => Promise<unknown> } => {
  const [one, other] = [guess(halves[0], code), guess(halves[1], code)];
  if (isLong) return { one, other };
  return {
    one: async () => {
      const answers = [await one(), await other()];
      return { ...answers[1], isTwice: answers.every((answer) => codeOf(answer) === 'wrong_code') };
    },
  };
};
const codeOf = (answer: Answer | null): string | undefined =>
  (answer?.body as { error?: { code?: string } } | undefined)?.error?.code;
const twiceTold = (end: End): string | false =>
  (end.outcome('one') as { isTwice?: boolean } | undefined)?.isTwice === true && '2 guesses by the last try';

describe('No order of guesses gives more of them', () => {
  it('in one half login with one try left', () =>
    expectRaced('guesses at once, the last try of a half login', {
      before: async (world) => {
        const { halves, ...start } = await strangers(0, 1)(world);
        for (let tries = 0; tries < 4; tries += 1) await halves[0]?.totp(start.wrong);
        return { ...start, half: halves[0] };
      },
      operations: ({ half, wrong }) => ({
        one: guess(half, wrong),
        other: guess(half, wrong),
        ...(isLong && { third: guess(half, wrong) }),
      }),
      check: (end) => [
        evaluated(end) > 1 && `${evaluated(end)} guesses by the last try`,
        !end.hasFault && evaluated(end) < 1 && 'the last try was lost',
      ],
    }));

  it('in a step-up with one try left', () =>
    expectRaced('guesses at once, the last try of a step-up', {
      before: async (world) => {
        const enrolled = await enrolledAnn(world);
        const wrong = wrongCode(enrolled.secret, world.clock.now());
        for (let tries = 0; tries < 4; tries += 1) await enrolled.ann.totp(wrong);
        return { ...enrolled, wrong };
      },
      mostFaults: isLong ? 1 : 0,
      operations: ({ ann, wrong }) => ({ one: guess(ann, wrong), other: guess(ann, wrong) }),
      check: (end) => [evaluated(end) > 1 && `${evaluated(end)} guesses by the last try`],
    }));

  it('in a lane with one try left', () =>
    expectRaced('guesses of several half logins, the last try of a lane', {
      before: strangers(9, isLong ? 3 : 2),
      operations: ({ halves, wrong }) => ({
        one: guess(halves[0], wrong),
        other: guess(halves[1], wrong),
        ...(isLong && { third: guess(halves[2], wrong) }),
      }),
      check: (end) => [
        evaluated(end) > 1 && `${evaluated(end)} guesses by the last try`,
        left(end) < 0 && 'less than none is left',
      ],
    }));

  it('although Redis loses its newest writes', () =>
    expectRaced('guesses of two half logins, the last try of a lane, Redis loses its newest writes', {
      before: strangers(9, 2),
      mayBeStale: true,
      mostFaults: isLong ? 1 : 0,
      operations: ({ halves, wrong }, world) => ({
        ...twoGuesses(halves, wrong),
        redis: world.losing('redis', 'all'),
      }),
      check: (end) => [twiceTold(end), evaluated(end) > 1 && `${evaluated(end)} guesses by the last try`],
    }));

  it('although the clock is put back', () =>
    expectRaced('guesses of two half logins, the last try of a lane, the clock is put back', {
      before: strangers(9, 2),
      mostFaults: 0,
      operations: ({ halves, wrong }, world) => ({
        ...twoGuesses(halves, wrong),
        clock: world.jumping('clock', isLong ? [-day, -30 * seconds] : [-day]),
      }),
      check: (end) => [twiceTold(end), evaluated(end) > 1 && `${evaluated(end)} guesses by the last try`],
    }));

  it('although the store does what it was asked and does not say so', () =>
    expectRaced('guesses of two half logins, the last try of a lane, answers get lost', {
      before: strangers(9, 2),
      fates: ['lives', 'unanswered'],
      mostFaults: isLong ? 3 : 1,
      operations: ({ halves, wrong }) => ({ one: guess(halves[0], wrong), other: guess(halves[1], wrong) }),
      check: (end) => [evaluated(end) > 1 && `${evaluated(end)} guesses by the last try`],
    }));
});

describe('A right code gives back what its own login spent, and no more', () => {
  it('where a code that was used comes at the same time', () =>
    expectRaced('a right code and a used one in one half login', {
      before: async (world) => {
        const start = await strangers(5, 2)(world);
        const used = start.code;
        await start.halves[0]?.totp(used);
        world.clock.move(30 * seconds);
        return { ...start, used, left: (await world.account('ann'))?.lanes.others.left ?? 0 };
      },
      mostFaults: isLong ? 2 : 0,
      operations: ({ halves, used, secret }, world) => ({
        right: guess(halves[1], codeAt(secret, world.clock.now())),
        used: guess(halves[1], used),
      }),
      check: (end, before) => [left(end) > before.left && `${left(end)} tries are left of ${before.left}`],
    }));

  it('where a wrong one comes at the same time, and may die', () =>
    expectRaced('a right code and a wrong one in one half login', {
      before: strangers(5, 1),
      mostFaults: isLong ? 1 : 0,
      operations: ({ halves, wrong, code }) => ({
        right: guess(halves[0], code),
        one: guess(halves[0], wrong),
      }),
      check: (end) => [left(end) > 5 && `${left(end)} tries are left of 5`],
    }));
});

describe('Whoever has the password', () => {
  /** The owner's browser has been here before: it has tries of its own. */
  const owner = async (world: World, spent: number) => {
    const start = await strangers(spent, 3)(world);
    await start.ann.logOut();
    await start.ann.logIn('ann');
    return start;
  };
  const ownerIsIn = (end: End): string | false =>
    !end.isDead('owner') && !end.didWell('owner') && `the owner was turned away: ${end.errorOf('owner')}`;

  it('cannot keep the owner out, and writes nothing once no try is left (contention)', () =>
    expectRaced('contention: guesses on an empty lane, the owner signs in', {
      before: (world) => owner(world, 10),
      operations: ({ ann, halves, wrong, code }) => ({
        owner: guess(ann, code),
        one: guess(halves[0], wrong),
        ...(isLong && { other: guess(halves[1], wrong) }),
      }),
      remembersDead: true,
      check: (end) => [
        ownerIsIn(end),
        guessers.some((name) => end.stepsOf(name, 'accounts.save') > 0) &&
          'a guess that was refused unread was written',
        evaluated(end) > 0 && 'a guess was evaluated on an empty lane',
      ],
    }));

  it('cannot keep the owner waiting, wherever a guess stops (update-queue)', () =>
    expectRaced('update-queue: guesses that stop half way, the owner signs in', {
      before: (world) => owner(world, 0),
      operations: ({ ann, halves, wrong, code }) => ({
        owner: guess(ann, code),
        one: guess(halves[0], wrong),
        ...(isLong && { other: guess(halves[1], wrong) }),
      }),
      check: (end) => [ownerIsIn(end), evaluated(end) > 10 - left(end) && 'a guess was told and not counted'],
    }));
});
