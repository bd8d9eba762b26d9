import type { Account, UserId } from '../../lib/account/account';
import type { Recovery } from '../../lib/account/recovery';
import { codeAt } from '../support/browser-agent';
import { hours } from '../support/clock';
import { cancelUrl, letIn, lostAccess, ticketUrl } from '../support/let-in';
import { savesOver } from './broken';
import { enrolledAnn, halfLogin, type Enrolled } from './cast';
import { expectRaced, expectViolation, isLong, type Race } from './race';
import type { Client } from './world/client';
import type { End } from './world/end';
import type { World, WorldOptions } from './world/world';

const ann = 'id-ann' as UserId;

const people: WorldOptions = {
  notices: true,
  secondFactor: {
    lostAccess,
    users: {
      id: ({ id }) => id,
      name: ({ name }) => name,
      byId: (id) => ({ id, name: 'ann' }),
      checkPassword: (_user, password) => password === 'right',
      contacts: () => [{ channel: 'email', address: 'ann@example.com', since: new Date(0) }],
    },
  },
};

const link = cancelUrl(ann);

/** Whoever says to be ann has set up an app of their own and has yet to keep its codes. */
interface Start extends Enrolled {
  readonly enrolling: Client;
  readonly newCode: string;
  /** Of a browser in which ann's password was right, and her old app is at hand. */
  readonly half: Client;
}

async function almostIn(world: World): Promise<Start> {
  const enrolled = await enrolledAnn(world);
  await letIn(world.accounts, ann, world.clock.now());
  const half = await halfLogin(world);
  const enrolling = world.client();
  await enrolling.send('POST', ticketUrl(ann), { password: 'right' });
  const { secret } = (await enrolling.beginTotp()).body;
  const { body } = await enrolling.confirmTotp(codeAt(String(secret), world.clock.now()));
  const [newCode = ''] = (body as { backupCodes: string[] }).backupCodes;
  return { ...enrolled, enrolling, newCode, half };
}

const requestIn = (account: Account | null): Recovery | undefined => account?.recoveries?.[0];

/** What no end may have: something between what was there before and what takes its place. */
function halfDone(end: End, { factorId, sid }: Pick<Start, 'factorId' | 'sid'>): (string | false | null)[] {
  const account = end.account('ann');
  const { state } = requestIn(account) ?? {};
  const isCompleted = state === 'completed';
  const isOld = account?.factors.some(({ id }) => id === factorId) ?? false;
  const isStale = [...end.sessions.values()].some(({ record }) => record?.enrol && state !== 'ready');
  return [
    account?.factors.length !== 1 && 'there is not one factor',
    isCompleted === isOld && 'the request and the factors do not say the same',
    isCompleted !== (account?.recoveredAt !== undefined) && 'recoveredAt is not that of the request',
    isCompleted && end.stillInOnceSeen(sid),
    isStale && 'a login can set up factors for a request that is over',
  ];
}

const complete = ({ enrolling, newCode }: Start) => enrolling.copy().acknowledge(newCode);

type Work = (start: Start, world: World) => Promise<unknown>;

interface Rival {
  readonly work: Work;
  /** The state of the request once it was done first; null: as it is. */
  readonly state: Recovery['state'] | null;
}

/** What happens while the codes are kept. What is saved first has won, and the other is refused. */
const rivals: Readonly<Record<string, Rival>> = {
  "the owner's link": {
    work: (_start, world) => world.client().send('POST', link),
    state: 'cancelled_by_owner',
  },
  'a sign-in with the old app': {
    work: ({ half, secret }, world) => half.copy().totp(codeAt(secret, world.clock.now())),
    state: 'superseded_by_signin',
  },
};

const beside = ({ work, state }: Rival, world: WorldOptions = people): Race<Start> => ({
  mails: true,
  world,
  before: almostIn,
  mostFaults: isLong ? 2 : 1,
  operations: (start, at) => ({ complete: () => complete(start), rival: () => work(start, at) }),
  check: (end, start) => {
    const request = requestIn(end.account('ann'));
    return [
      ...halfDone(end, start),
      end.didWell('complete') &&
        request?.state !== 'completed' &&
        'it was told to be completed, and it is not',
      end.didWell('rival') &&
        request?.state !== state &&
        `it was told to be stopped, and is ${request?.state}`,
      end.didWell('rival') && end.didWell('complete') && 'both have won',
    ];
  },
});

const isBusy = (end: End, operation: string): boolean => end.errorOf(operation) === 'busy';

describe('Access that is given again', () => {
  it.each(Object.entries(rivals))('is given, or stopped, and never both: beside %s', (name, rival) =>
    expectRaced(`completion beside ${name}`, beside(rival)),
  );

  it('would be given all the same in a store that saves over anything', () =>
    expectViolation(
      "completion beside the owner's link",
      beside(rivals["the owner's link"] as Rival, { ...people, accounts: savesOver }),
    ));

  it('is given once to two tabs', () =>
    expectRaced('completion in two tabs', {
      mails: true,
      world: people,
      before: almostIn,
      operations: (start) => ({ one: () => complete(start), other: () => complete(start) }),
      check: (end, start) => [
        ...halfDone(end, start),
        end.didWell('one') && end.didWell('other') && 'it was completed twice',
        !end.hasFault &&
          !end.didWell('one') &&
          !end.didWell('other') &&
          !isBusy(end, 'one') &&
          'nobody has completed it',
      ],
    }));

  it('leaves the account blocked, or with what is new: beside somebody who has it blocked', () =>
    expectRaced('completion beside a block', {
      mails: true,
      world: people,
      before: almostIn,
      operations: (start) => ({
        complete: () => complete(start),
        block: () => start.half.copy().send('POST', '/2fa/lost/block'),
      }),
      check: (end, start) => {
        const account = end.account('ann');
        const isCompleted = requestIn(account)?.state === 'completed';
        return [
          ...halfDone(end, start),
          end.didWell('complete') && !isCompleted && 'it was told to be completed, and it is not',
          account?.blockedAt !== undefined && end.stillInOnceSeen(start.sid),
        ];
      },
    }));
});

describe('The link to set up a new way to sign in', () => {
  interface Ready extends Enrolled {
    readonly url: string;
  }
  const ready = async (world: World): Promise<Ready> => {
    const enrolled = await enrolledAnn(world);
    await letIn(world.accounts, ann, world.clock.now());
    return { ...enrolled, url: ticketUrl(ann) };
  };
  const use = (world: World, { url }: Ready, password = 'right') =>
    world.client().send('POST', url, { password });

  it('begins one login, however often it is used at once', () =>
    expectRaced('a ticket used twice', {
      mails: true,
      world: people,
      before: ready,
      operations: (start, world) => ({ one: () => use(world, start), other: () => use(world, start) }),
      check: (end, start) => {
        const records = [...end.sessions.values()].filter(({ record }) => record?.enrol);
        return [
          ...halfDone(end, start),
          end.didWell('one') && end.didWell('other') && 'it was used twice',
          records.length > 1 && 'two logins can set up factors',
        ];
      },
    }));

  it('counts each wrong password, whoever dies', () =>
    expectRaced('wrong passwords with a ticket', {
      mails: true,
      world: people,
      before: ready,
      operations: (start, world) => ({
        one: () => use(world, start, 'wrong'),
        other: () => use(world, start, 'wrong'),
      }),
      check: (end) => {
        const tries = requestIn(end.account('ann'))?.ticket?.tries ?? 0;
        const told = ['one', 'other'].filter((name) => end.errorOf(name) === 'wrong_code').length;
        return [tries < told && `${told} were told to be wrong, and ${tries} counted`];
      },
    }));

  it('leads nowhere once its request was stopped', () =>
    expectRaced('a ticket beside the owner', {
      mails: true,
      world: people,
      before: ready,
      operations: (start, world) => ({
        use: () => use(world, start),
        cancel: () => world.client().send('POST', link),
      }),
      check: (end, start) => [
        ...halfDone(end, start),
        end.didWell('cancel') &&
          requestIn(end.account('ann'))?.state !== 'cancelled_by_owner' &&
          'it was told to be stopped, and it is not',
      ],
    }));

  it('is made once by two processes whose clocks say that the wait is over', () =>
    expectRaced('two ticks', {
      mails: true,
      world: people,
      before: async (world) => {
        const enrolled = await enrolledAnn(world);
        const now = world.clock.now();
        await letIn(world.accounts, ann, now, {
          state: 'approved_waiting',
          steps: [
            { at: now - 96 * hours, state: 'started' },
            { at: now - 72 * hours, state: 'approved_waiting' },
          ],
          reminded: 2,
          dueAt: now,
        });
        return enrolled;
      },
      operations: (_start, world) => ({
        one: () => world.twoFactor.tick(),
        other: () => world.twoFactor.tick(),
      }),
      check: (end) => {
        const account = end.account('ann');
        const request = requestIn(account);
        const times = request?.steps.filter(({ state }) => state === 'ready').length;
        return [
          !end.hasFault && request?.state !== 'ready' && 'it is not ready',
          request?.state === 'ready' && times !== 1 && `it became ready ${times} times`,
          request?.state === 'ready' && request.ticket?.made !== 1 && 'there is not one link',
        ];
      },
    }));
});
