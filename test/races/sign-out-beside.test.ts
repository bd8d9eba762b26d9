import type { LoginStore } from '../../lib/stores/contracts';
import { overridePending } from '../support/override';
import { enrolledAnn, halfLogin, settingUp } from './cast';
import { expectRaced, expectViolation, isLong, type Race } from './race';
import type { Client } from './world/client';
import type { End } from './world/end';
import { pipelined } from './world/pipelined';
import type { World, WorldOptions } from './world/world';

interface Start {
  readonly client: Client;
  readonly sid: string;
  readonly code: string;
  readonly factorId: string;
}

const ann = async (world: World): Promise<Start> => {
  const enrolled = await enrolledAnn(world);
  return { ...enrolled, client: enrolled.ann };
};
const annOwing = async (world: World): Promise<Start> => {
  const enrolled = await enrolledAnn(world);
  await enrolled.ann.logOut();
  const client = await halfLogin(world);
  return { ...enrolled, client, sid: world.sidOf(client) };
};
const annSettingUp = async (world: World): Promise<Start> => {
  const { client, backupCodes } = await settingUp(world);
  return { client, sid: world.sidOf(client), code: backupCodes[0] ?? '', factorId: '' };
};

interface Renewal {
  readonly before: (world: World) => Promise<Start>;
  readonly work: (client: Client, start: Start) => Promise<unknown>;
}

/** What gives a login a new session id while it goes on. */
const renewals: Record<string, Renewal> = {
  'password change': { before: ann, work: (client) => client.changePassword() },
  'step-up': { before: ann, work: (client, { code }) => client.totp(code) },
  'factor removal': { before: ann, work: (client, { factorId }) => client.remove(factorId) },
  'first factor': { before: annSettingUp, work: (client, { code }) => client.acknowledge(code) },
  'account linking': { before: ann, work: (client) => client.logIn('ann') },
  'second factor': { before: annOwing, work: (client, { code }) => client.totp(code) },
};
const signOuts: Record<string, (client: Client) => Promise<unknown>> = {
  logout: (client) => client.logOut(),
  'session.destroy': (client) => client.destroy(),
};

/** Whether it met somebody, half signed in or whole: one whose cookie was dead by then ends nothing. */
const met = (end: End): boolean => {
  const { who } = (end.answer('sign-out')?.body ?? {}) as { who?: unknown };
  return end.didWell('sign-out') && who !== null && who !== undefined;
};
const nobodyIsIn = (end: End): string | false => {
  const seen = [...end.sessions].find(([, { app, rawAfter }]) => app !== null || rawAfter !== null);
  return seen !== undefined && `somebody is in the session ${seen[0]} after the sign-out`;
};

const beside = (
  { before, work }: Renewal,
  signOut: (client: Client) => Promise<unknown>,
  world: WorldOptions = {},
  isCrowded = false,
): Race<Start> => ({
  world,
  before,
  operations: (start) => ({
    'sign-out': () => signOut(start.client.copy()),
    renewal: () => work(start.client.copy(), start),
    ...(isCrowded && { reader: () => start.client.copy().me() }),
  }),
  check: (end) => [met(end) && nobodyIsIn(end)],
});

describe.each(Object.entries(signOuts))('A sign-out by %s leaves no session beside a', (how, signOut) => {
  const { 'second factor': owing, ...complete } = renewals;
  it.each(Object.entries(complete))('%s', (name, renewal) =>
    expectRaced(`${how} beside a ${name}`, beside(renewal, signOut)),
  );

  it('second factor', () => expectRaced(`${how} beside a second factor`, beside(owing as Renewal, signOut)));
});

describe('A sign-out leaves no session beside a password change', () => {
  const some = Object.entries(signOuts).filter(([how]) => isLong || how === 'session.destroy');
  it.each(some)('where a request beside both finds the epoch moved on (%s)', (how, signOut) => {
    const race = beside(renewals['password change'] as Renewal, signOut, {}, true);
    return expectRaced(`${how} beside a password change and a reader`, race);
  });

  it('where the commands of one round trip can be parted', () => {
    const world = { pending: pipelined };
    const names = isLong ? Object.keys(renewals) : ['password change', 'step-up'];
    return names.reduce(
      (before, name) =>
        before.then(() =>
          expectRaced(
            `logout beside a ${name}, commands parted`,
            beside(renewals[name] as Renewal, (client) => client.logOut(), world),
          ),
        ),
      Promise.resolve(),
    );
  });
});

describe('The explorer finds what it takes', () => {
  const broken = (methods: (inner: LoginStore) => Partial<LoginStore>) =>
    beside(renewals['password change'] as Renewal, (client) => client.logOut(), {
      pending: (inner) => overridePending(inner, { logins: methods(inner.logins) }),
    });

  it('where it is not known what replaced a record a sign-out misses the password change', () =>
    expectViolation(
      'a record that is replaced without a word',
      broken((inner) => ({
        write: async (key, login, user, life, replaces) => {
          await inner.write(key, login, user, life, null);
          return replaces !== null && (await inner.remove(replaces));
        },
      })),
    ));

  it('where a replaced record is always said to have been there a password change brings the login back', () =>
    expectViolation(
      'a login that goes on although it was signed out',
      broken((inner) => ({
        write: async (...given) => {
          await inner.write(...given);
          return true;
        },
      })),
    ));
});
