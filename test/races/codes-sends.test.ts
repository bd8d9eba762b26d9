import type { Taken } from '../../lib';
import { halfLogin } from './cast';
import { mailedAnn, mostIn, sentTo, someIn } from './codes-cast';
import { expectRaced, isLong } from './race';
import { pipelined } from './world/pipelined';
import type { End } from './world/end';
import type { World } from './world/world';

const tooMany = (world: World, most: number): string | false =>
  world.mail.count > most && `${world.mail.count} mails left, and ${most} may`;
const senders = ['one', 'other', 'third'];

/** One mail an hour, to whoever asks. */
const oneAnHour = { secondFactor: { sends: { limits: { user: { sends: 1, per: '1h' } } } } } as const;

describe('No order of requests sends more than may leave', () => {
  const asks = (operations: number) => (world: World) =>
    mailedAnn(world).then(async () => {
      const halves = [];
      for (let number = 0; number < operations; number += 1) halves.push(await halfLogin(world));
      return { halves };
    });
  const count = isLong ? 3 : 2;

  it('one mail in one cooldown', () =>
    expectRaced('requests for a code in one half login', {
      mails: true,
      before: asks(1),
      mostFaults: isLong ? 2 : 0,
      operations: ({ halves: [half] }) =>
        Object.fromEntries(
          senders.slice(0, count).map((name) => [name, async () => half?.copy().sendCode()]),
        ),
      check: (end, _, world) => [
        tooMany(world, 1),
        mostIn(end, senders),
        !end.hasFault && world.mail.count === 0 && 'nobody got a mail',
      ],
    }));

  it('one mail by a budget of one, from any number of half logins', () =>
    expectRaced('requests for a code in several half logins, a budget of one', {
      mails: true,
      world: oneAnHour,
      before: asks(count),
      mostFaults: isLong ? 1 : 0,
      operations: ({ halves }) =>
        Object.fromEntries(
          halves.map((half, at) => [senders[at] ?? '', async () => half.copy().sendCode()] as const),
        ),
      check: (end, _, world) => [
        tooMany(world, 1),
        mostIn(end, senders),
        !end.hasFault && world.mail.count === 0 && 'nobody got a mail',
      ],
    }));

  it('nor where each counter is asked by itself, as Redis is', () =>
    expectRaced('takings from a budget of one, counters one by one', {
      mails: true,
      before: mailedAnn,
      operations: (_start, world) => {
        const { budgets } = pipelined(world.pending);
        const budget = (name: string) => ({ name, id: name, points: 1, ms: 3_600_000 });
        return {
          one: () => budgets.take([budget('login one'), budget('user')]),
          other: () => budgets.take([budget('login other'), budget('user')]),
          third: () => budgets.take([budget('user'), budget('app')]),
        };
      },
      // One can be in the way of another, which gives back what it took: then nothing leaves.
      check: (end) => [
        senders.filter((name) => (end.outcome(name) as Taken | undefined)?.ok === true).length > 1 &&
          'two took the last one',
      ],
    }));

  it('although the clock jumps: the cooldown goes by the clock of Redis', () =>
    expectRaced('requests for a code in one half login, the clock jumps', {
      mails: true,
      before: asks(1),
      mostFaults: 0,
      operations: ({ halves: [half] }, world) => ({
        one: async () => {
          await half?.copy().sendCode();
          return half?.copy().sendCode();
        },
        ...(isLong && { other: async () => half?.copy().sendCode() }),
        clock: world.jumping('clock', isLong ? [-60_000, 60_000] : [60_000]),
      }),
      check: (_end, _start, world) => [tooMany(world, 1)],
    }));
});

const isRefused = (end: End): boolean => {
  const { resent } = (end.outcome('one') ?? {}) as { resent?: { error?: { code?: string } } };
  return [end.errorOf('resend'), resent?.error?.code].includes('delivery_failed');
};

describe('A mail that the provider refuses', () => {
  it('takes neither the code before it away nor a mail more from the budget', () =>
    expectRaced('a code is used while another one is asked for, which the provider may refuse', {
      mails: true,
      before: async (world) => {
        await mailedAnn(world);
        const half = await halfLogin(world);
        const older = await sentTo(world, half);
        world.mail.mayRefuse = true;
        return { half, older };
      },
      mostFaults: isLong ? 1 : 0,
      operations: ({ half, older }) => {
        const resend = () => half.copy().sendCode();
        const use = () => half.copy().mailed(older);
        if (isLong) return { one: use, resend };
        return {
          one: async () => {
            const { body } = await resend();
            return { ...(await use()), resent: body };
          },
        };
      },
      check: (end, _, world) => [
        someIn(end, ['one']),
        tooMany(world, 1),
        world.mail.count > 0 && isRefused(end) && 'a mail left and was denied',
      ],
    }));
});
