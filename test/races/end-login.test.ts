import { overridePending } from '../support/override';
import { elsewhere, enrolledAnn, type Enrolled } from './cast';
import { expectRaced, expectViolation, isLong, type Race } from './race';
import type { Client } from './world/client';
import type { World, WorldOptions } from './world/world';

interface Start extends Enrolled {
  /** The browser whose login is ended from ann's. */
  readonly other: Client;
  readonly id: string;
}

async function twoLogins(world: World): Promise<Start> {
  const enrolled = await enrolledAnn(world);
  const other = await elsewhere(world, enrolled);
  const { body } = await other.me();
  return { ...enrolled, other, id: (body as { twoFactor: { loginId: string } }).twoFactor.loginId };
}

type Work = (client: Client, start: Start) => Promise<unknown>;

const stepUp: Work = (client, { code }) => client.totp(code);

/** What the browser of the login that is ended is doing meanwhile. */
const meanwhile: Record<string, Work> = {
  'a request that writes its session': (client) => client.write(),
  'a request that only reads': (client) => client.me(),
  'a step-up': stepUp,
  'account linking': (client) => client.logIn('ann'),
  'its own sign-out': (client) => client.logOut(),
  'its own end from the list': (client, { id }) => client.endLogin(id),
};

const beside = (work: Work, world: WorldOptions = {}): Race<Start> => ({
  world,
  before: twoLogins,
  mostFaults: isLong ? 1 : 0,
  operations: (start) => ({
    end: () => start.ann.copy().endLogin(start.id),
    other: () => work(start.other.copy(), start),
  }),
  check: (end, { sid }) => {
    const others = [...end.sessions.keys()].filter((one) => one !== sid);
    const isOver = end.didWell('end') || end.errorOf('end') === 'not_found';
    return [
      ...(isOver ? others.map((one) => end.stillInOnceSeen(one)) : []),
      !end.hasFault && !isOver && `the end was refused: ${end.errorOf('end')}`,
      end.seen(sid).app !== 'id-ann' && 'the login that ended the other is over as well',
    ];
  },
});

describe('A login that was ended in the list', () => {
  it.each(Object.entries(meanwhile))('is not brought back by %s of its browser', (name, work) =>
    expectRaced(`the end of a login beside ${name}`, beside(work)),
  );

  it('would be by a step-up, if a replaced record were always said to have been there', () =>
    expectViolation(
      'a login that goes on although it was ended',
      beside(stepUp, {
        pending: (inner) =>
          overridePending(inner, {
            logins: {
              write: async (...given) => {
                await inner.logins.write(...given);
                return true;
              },
            },
          }),
      }),
    ));
});
