import type { UserId } from '../../lib/account/account';
import { minutes, seconds } from '../support/clock';
import { savesOver } from './broken';
import { expectRaced, expectViolation, isLong, type Race } from './race';
import type { World, WorldOptions } from './world/world';

const ann = 'id-ann' as UserId;

/** Longer than a notice stays taken by a process that died. */
const LEASE = 2 * minutes + seconds;

const telling: WorldOptions = {
  notices: true,
  secondFactor: {
    users: {
      id: ({ id }) => id,
      name: ({ name }) => name,
      byId: (id) => ({ id, name: 'ann' }),
      contacts: () => [{ channel: 'email', address: 'ann@example.com' }],
    },
  },
};

/** A change by the app, and the first try of its notice by the process that made it. */
async function endLogins(world: World): Promise<void> {
  // What a process that died was at must not keep this one busy.
  const { twoFactor } = world.start();
  const tried = new Promise<void>((resolve) => {
    for (const name of ['notice.sent', 'notice.failed'] as const) twoFactor.on(name, () => resolve());
  });
  const began = world.clock.now();
  await twoFactor.signOutEverywhere(ann);
  // If that took as long as the notice is kept for this process, it is left to whoever runs tick.
  if (world.clock.now() === began) await tried;
}

const outboxIn = async (world: World) => (await world.accounts.load(ann))?.outbox ?? [];

/** Runs `tick` as a cron job does, until nothing is left to do. */
async function isDrained(world: World): Promise<boolean> {
  for (let time = 0; time < 5 && (await outboxIn(world)).length > 0; time += 1) {
    world.clock.move(LEASE);
    await world.twoFactor.tick();
  }
  return (await outboxIn(world)).length === 0;
}

describe('A notice', () => {
  it('is sent if and only if its change was saved, whoever dies and however often it is tried', () =>
    expectRaced('a change, two ticks, the end of the lease', {
      mails: true,
      world: telling,
      mostFaults: isLong ? 2 : 1,
      before: async (world) => {
        world.mail.onNotice = 'takes';
      },
      operations: (_start, world) => ({
        change: () => endLogins(world),
        one: () => world.twoFactor.tick(),
        other: () => world.twoFactor.tick(),
        clock: world.jumping('clock', [LEASE]),
      }),
      check: async (_end, _start, world) => {
        const isSaved = (await world.accounts.load(ann)) !== null;
        const drained = await isDrained(world);
        const copies = world.mail.notices.length;
        return [
          !drained && 'it is still in the outbox',
          isSaved && copies === 0 && 'nobody was told',
          !isSaved && copies > 0 && 'somebody was told of what never happened',
          copies > 3 && `${copies} copies were sent`,
          new Set(world.mail.notices).size > 1 && 'copies cannot be told from two notices',
        ];
      },
    }));

  const twoTicks = (given: WorldOptions): Race<void> => ({
    mails: true,
    world: given,
    before: async (world) => {
      world.mail.onNotice = 'refuses';
      await endLogins(world);
      world.mail.onNotice = 'takes';
      world.clock.move(minutes);
    },
    operations: (_start, world) => ({
      one: () => world.twoFactor.tick(),
      other: () => world.twoFactor.tick(),
    }),
    check: async (end, _start, world) => {
      const copies = world.mail.notices.length;
      const drained = await isDrained(world);
      return [
        copies > (end.hasFault ? 2 : 1) && `${copies} copies were sent`,
        !drained && 'it is still in the outbox',
        world.mail.notices.length === 0 && 'nobody was told',
      ];
    },
  });

  it('is sent once by two ticks at once, unless one of them dies', () =>
    expectRaced('two ticks of one notice', twoTicks(telling)));

  it('would be sent twice by a store that saves over anything', () =>
    expectViolation('two ticks of one notice', twoTicks({ ...telling, accounts: savesOver })));
});
