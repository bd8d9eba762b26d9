import { codeAt } from '../support/browser-agent';
import { elsewhere, enrolledAnn, halfLogin, numbers, signedInBob, withNumber } from './cast';
import { expectRaced, isLong } from './race';
import type { End } from './world/end';
import type { World } from './world/world';

/** bob has no factor, and an account that holds his epoch. */
const bobWithAccount = (number: (typeof numbers)[number]) => async (world: World) => {
  await world.twoFactor.signOutEverywhere('id-bob');
  const { bob, sid } = await signedInBob(world);
  await withNumber(world, bob, number);
  return { bob, sid };
};

const everywhere =
  (world: World, user = 'id-bob') =>
  () =>
    world.twoFactor.signOutEverywhere(user);
const logIn =
  (world: World, user = 'bob') =>
  () =>
    world.client().logIn(user);
const endedOnce =
  (...writers: string[]) =>
  (end: End, { sid }: { readonly sid: string }) => [
    writers.some((writer) => end.didWell(writer)) && end.stillInOnceSeen(sid),
  ];

describe.each(numbers)('While the number of the epoch is %s', (number) => {
  it('no login from before a sign-out is let in after it (epoch-number: one writer)', () =>
    expectRaced(`epoch-number (${number}): a writer, a login in flight, a reader`, {
      before: bobWithAccount(number),
      mostFaults: isLong ? 3 : 1,
      operations: ({ bob }, world) => ({
        writer: everywhere(world),
        login: logIn(world),
        reader: () => bob.copy().me(),
      }),
      check: endedOnce('writer'),
    }));

  it('nor where two readers ask at once', () =>
    expectRaced(`epoch-number (${number}): a writer, two readers`, {
      before: bobWithAccount(number),
      mostFaults: isLong ? 1 : 0,
      operations: ({ bob }, world) => ({
        writer: everywhere(world),
        reader: () => bob.copy().me(),
        'other reader': () => bob.copy().me(),
        ...(isLong && { login: logIn(world) }),
      }),
      check: endedOnce('writer'),
    }));

  it('nor where two sign out at once (epoch-number: two writers)', () =>
    expectRaced(`epoch-number (${number}): two writers, a reader`, {
      before: bobWithAccount(number),
      mostFaults: isLong ? 1 : 0,
      operations: ({ bob }, world) => ({
        writer: everywhere(world),
        'other writer': everywhere(world),
        reader: () => bob.copy().me(),
        ...(isLong && { login: logIn(world) }),
      }),
      check: endedOnce('writer', 'other writer'),
    }));

  it('nor for more than a minute where Redis throws the number away', () =>
    expectRaced(`epoch-number (${number}): a writer, a reader, the number is evicted`, {
      before: bobWithAccount(number),
      mayBeStale: true,
      operations: ({ bob }, world) => ({
        writer: everywhere(world),
        reader: () => bob.copy().me(),
        redis: { name: 'redis', work: () => world.evictEpochOf('bob'), isImmortal: true },
        ...(isLong && { login: logIn(world) }),
      }),
      check: endedOnce('writer'),
    }));

  it('nor where Redis loses its newest writes', () =>
    expectRaced(`epoch-number (${number}): a writer, a reader, Redis loses its newest writes`, {
      before: bobWithAccount(number),
      mostFaults: isLong ? 1 : 0,
      mayBeStale: true,
      operations: ({ bob }, world) => ({
        writer: everywhere(world),
        reader: () => bob.copy().me(),
        redis: world.losing('redis', 'newest'),
      }),
      check: endedOnce('writer'),
    }));
});

describe('A change of what is owed ends the logins from before', () => {
  it('when the first factor is switched on', () =>
    expectRaced('enrolment, a login in flight, a reader elsewhere', {
      before: async (world) => {
        const ann = world.client();
        await ann.logIn('ann');
        const other = world.client();
        await other.logIn('ann');
        const secret = String((await ann.beginTotp()).body.secret);
        const { body } = await ann.confirmTotp(codeAt(secret, world.clock.now()));
        const { backupCodes } = body as { backupCodes: string[] };
        return { ann, other, sid: world.sidOf(other), code: backupCodes[0] ?? '' };
      },
      operations: ({ ann, other, code }, world) => ({
        enrolment: () => ann.copy().acknowledge(code),
        reader: () => other.copy().write(),
        ...(isLong && { login: logIn(world, 'ann') }),
      }),
      check: endedOnce('enrolment'),
    }));

  it('when a factor is removed', () =>
    expectRaced('factor removal, a sign-in in flight, a reader elsewhere', {
      before: async (world) => {
        const enrolled = await enrolledAnn(world);
        const other = await elsewhere(world, enrolled);
        return { ...enrolled, half: await halfLogin(world), other, sid: world.sidOf(other) };
      },
      operations: ({ ann, factorId, other, half, code }) => ({
        removal: () => ann.copy().remove(factorId),
        'sign-in': () => half.copy().totp(code),
        ...(isLong && { reader: () => other.copy().me() }),
      }),
      check: endedOnce('removal'),
    }));

  it('when new backup codes are made', () =>
    expectRaced('new backup codes, a sign-in by an old one', {
      before: async (world) => {
        const enrolled = await enrolledAnn(world);
        const other = await elsewhere(world, enrolled);
        const { body } = await enrolled.ann.renewCodes();
        const [code = ''] = (body as { backupCodes: string[] }).backupCodes;
        return { ...enrolled, half: await halfLogin(world), other, sid: world.sidOf(other), newCode: code };
      },
      operations: ({ ann, other, half, backupCodes, newCode }) => ({
        renewal: () => ann.copy().acknowledge(newCode),
        'sign-in': () => half.copy().backupCode(backupCodes[0] ?? ''),
        ...(isLong && { reader: () => other.copy().me() }),
      }),
      check: endedOnce('renewal'),
    }));

  it('when everything about a user is forgotten', () =>
    expectRaced('forget, a sign-in in flight, a reader', {
      before: async (world) => {
        const enrolled = await enrolledAnn(world);
        return { ...enrolled, half: await halfLogin(world) };
      },
      operations: ({ ann, half, code }, world) => ({
        forget: () => world.twoFactor.forget('id-ann'),
        'sign-in': () => half.copy().totp(code),
        ...(isLong && { reader: () => ann.copy().write() }),
      }),
      check: (end, start) => [
        ...endedOnce('forget')(end, start),
        end.didWell('forget') && end.account('ann') && 'an account is left of a user who was forgotten',
        end.didWell('forget') &&
          [...end.sessions.values()].some(({ app }) => app === 'id-ann') &&
          'a user who was forgotten is in',
      ],
    }));
});
