import { signedInBob, withNumber } from './cast';
import { isLong, raced, type Race } from './race';
import type { Client } from './world/client';

type Start = { bob: Client; sid: string };

const races: Record<string, Race<Start>> = {
  'a logout and a late request': {
    before: signedInBob,
    operations: ({ bob }) => ({ event: () => bob.copy().destroy(), late: () => bob.copy().write() }),
    check: (end, { sid }) => [end.didWell('event') && end.stillIn(sid)],
  },
  'a login and a sign-out everywhere': {
    before: async (world) => {
      const start = await signedInBob(world);
      await withNumber(world, start.bob, 'cached');
      return start;
    },
    operations: ({ bob }, world) => ({
      writer: () => world.twoFactor.signOutEverywhere('id-bob'),
      login: () => world.client().logIn('bob'),
      ...(isLong && { reader: () => bob.copy().me() }),
    }),
    check: (end, { sid }) => [end.didWell('writer') && end.stillInOnceSeen(sid)],
  },
};

describe('What the explorer leaves out', () => {
  it.each(Object.entries(races))(
    'changes neither the ends nor the number of orders: %s',
    async (name, race) => {
      const some = await raced(`${name}, with orders left out`, race);
      const all = await raced(`${name}, without`, { ...race, isExhaustive: true });
      expect(some.orders).toBe(all.orders);
      expect(some.ends).toEqual(all.ends);
      expect(some.runs).toBeLessThan(all.runs);
      expect([...some.violations, ...all.violations]).toEqual([]);
    },
  );
});
