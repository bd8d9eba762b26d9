import { codeAt } from '../support/browser-agent';
import { hours, seconds } from '../support/clock';
import { elsewhere, enrolledAnn, halfLogin } from './cast';
import { expectRaced, isLong } from './race';
import type { Client } from './world/client';
import type { End } from './world/end';

const day = 24 * hours;
const both = ['one', 'other'];
const twoIn = (end: End, names: readonly string[] = both): string | false => {
  const inside = names.filter((name) => end.didWell(name));
  return inside.length > 1 && `one proof let ${inside.length} in`;
};
/** Without a death somebody gets in: a proof that is right is not lost to a race. */
const nobodyIn = (end: End, names: readonly string[] = both): string | false =>
  !end.hasFault && !names.some((name) => end.didWell(name)) && 'a right proof let nobody in';

/** Two uses of one code: at once, or where a third thing happens beside them and time is short, one after the other. */
const twoUses = (clients: readonly Client[], code: string): { [name: string]: () => Promise<unknown> } => {
  const use = async (at: number) => clients[at]?.copy().totp(code);
  if (isLong) return { one: () => use(0), other: () => use(1) };
  return {
    one: async () => {
      const [used, again] = [await use(0), await use(1)];
      return { ...used, isTwice: used?.status === 200 && again?.status === 200 };
    },
  };
};
const twiceIn = (end: End): string | false =>
  (end.outcome('one') as { isTwice?: boolean } | undefined)?.isTwice === true && 'one proof let two in';

describe('One proof lets in one login', () => {
  it('whatever the order of two whole sign-ins with one TOTP code', () =>
    expectRaced('two sign-ins, one TOTP code', {
      before: enrolledAnn,
      mostFaults: isLong ? 2 : 1,
      operations: ({ code }, world) => {
        const signIn = async () => {
          const client = world.client();
          await client.logIn('ann');
          return client.totp(code);
        };
        return { one: signIn, other: signIn };
      },
      check: (end) => [twoIn(end), nobodyIn(end)],
    }));

  it('whatever the order of two uses of one backup code', () =>
    expectRaced('two sign-ins, one backup code', {
      before: async (world) => {
        const enrolled = await enrolledAnn(world);
        return { ...enrolled, clients: [await halfLogin(world), await halfLogin(world)] };
      },
      mostFaults: isLong ? 2 : 1,
      operations: ({ backupCodes, clients }) => {
        const use = (at: number) => async () => clients[at]?.copy().backupCode(backupCodes[0] ?? '');
        return { one: use(0), other: use(1) };
      },
      check: (end) => [twoIn(end), nobodyIn(end)],
    }));

  it('whatever the order of a sign-in and a step-up with one code', () =>
    expectRaced('a sign-in and a step-up, one TOTP code', {
      before: async (world) => {
        const enrolled = await enrolledAnn(world);
        return { ...enrolled, half: await halfLogin(world) };
      },
      operations: ({ ann, half, code }) => ({
        one: () => half.copy().totp(code),
        other: () => ann.copy().totp(code),
      }),
      check: (end) => [twoIn(end), nobodyIn(end)],
    }));

  it('although the code was the one that confirmed the app', () =>
    expectRaced('an enrolment and a sign-in, one TOTP code', {
      mostFaults: isLong ? 1 : 0,
      before: async (world) => {
        const ann = world.client();
        await ann.logIn('ann');
        const secret = String((await ann.beginTotp()).body.secret);
        const code = codeAt(secret, world.clock.now());
        const { body } = await ann.confirmTotp(code);
        return { ann, code, backupCodes: (body as { backupCodes: string[] }).backupCodes };
      },
      operations: ({ ann, code, backupCodes }, world) => ({
        enrolment: () => ann.copy().acknowledge(backupCodes[0] ?? ''),
        'sign-in': async () => {
          const client = world.client();
          const { status } = await client.logIn('ann');
          return { passedWithoutProof: status === 200, ...(await client.totp(code)) };
        },
      }),
      check: (end) => [end.didWell('sign-in') && 'the code of the enrolment let somebody in'],
    }));

  it('although Redis loses its newest writes', () =>
    expectRaced('two sign-ins, one TOTP code, Redis loses its newest writes', {
      before: async (world) => {
        const enrolled = await enrolledAnn(world);
        return { ...enrolled, clients: [await halfLogin(world), await halfLogin(world)] };
      },
      mayBeStale: true,
      mostFaults: isLong ? 1 : 0,
      operations: ({ code, clients }, world) => ({
        ...twoUses(clients, code),
        redis: world.losing('redis', 'all'),
      }),
      check: (end) => [twoIn(end), twiceIn(end)],
    }));

  it('although the clock jumps by a step, a minute or a day', () =>
    expectRaced('two sign-ins, one TOTP code, the clock jumps', {
      before: async (world) => {
        const enrolled = await enrolledAnn(world);
        return { ...enrolled, clients: [await halfLogin(world), await halfLogin(world)] };
      },
      mostFaults: 0,
      operations: ({ code, clients }, world) => ({
        ...twoUses(clients, code),
        clock: world.jumping(
          'clock',
          isLong ? [-60 * seconds, -30 * seconds, 30 * seconds, day] : [-30 * seconds],
        ),
      }),
      check: (end) => [twoIn(end), twiceIn(end)],
    }));

  it('although a store does what it was asked and does not say so', () =>
    expectRaced('two sign-ins, one TOTP code, answers get lost', {
      before: async (world) => {
        const enrolled = await enrolledAnn(world);
        return { ...enrolled, clients: [await halfLogin(world), await halfLogin(world)] };
      },
      fates: ['lives', 'unanswered'],
      mostFaults: isLong ? 3 : 1,
      operations: ({ code, clients }) => ({
        one: async () => clients[0]?.copy().totp(code),
        other: async () => clients[1]?.copy().totp(code),
      }),
      check: (end) => [twoIn(end), nobodyIn(end)],
    }));

  it('in browsers that were here before, too', () =>
    expectRaced('step-ups, one TOTP code', {
      before: async (world) => {
        const enrolled = await enrolledAnn(world);
        return {
          ...enrolled,
          others: [await elsewhere(world, enrolled, 8), await elsewhere(world, enrolled, 7)],
        };
      },
      operations: ({ ann, others, code }) => {
        const stepUp = (client: Client | undefined) => async () => client?.copy().totp(code);
        return { one: stepUp(ann), other: stepUp(others[0]), ...(isLong && { third: stepUp(others[1]) }) };
      },
      check: (end) => [twoIn(end, [...both, 'third']), nobodyIn(end, [...both, 'third'])],
    }));
});
