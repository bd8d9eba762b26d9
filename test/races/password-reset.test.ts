import type { Accounts, Pending } from '../../lib';
import type { Account } from '../../lib/account/account';
import { codeAt } from '../support/browser-agent';
import { minutes } from '../support/clock';
import { override, overridePending } from '../support/override';
import { savesOver } from './broken';
import { halfLogin, settingUp } from './cast';
import { halfWithCode, mailedAnn, pass } from './codes-cast';
import { expectRaced, expectViolation, isLong, type Race } from './race';
import type { Client } from './world/client';
import type { End } from './world/end';
import type { World, WorldOptions } from './world/world';

/** Half logins of ann's, each about to give a proof. */
interface Halves {
  readonly mail: { readonly half: Client; readonly mailed: string };
  /** Types a code that was mailed before, as soon as the reset was noted. */
  readonly later: { readonly half: Client; readonly mailed: string };
  readonly app: { readonly half: Client; readonly code: string };
  /** Whether the login of the app is young enough to know the new password. */
  readonly mayLift: boolean;
  readonly account: Account | null;
}

const aged =
  (age: number) =>
  async (world: World): Promise<Halves> => {
    const { secret } = await mailedAnn(world);
    const older = await halfLogin(world);
    pass(world, age);
    const mail = await halfWithCode(world);
    const later = await halfWithCode(world);
    const half = age > 0 ? older : await halfLogin(world);
    const app = { half, code: codeAt(secret, world.clock.now()) };
    return { mail, later, app, mayLift: age === 0, account: await world.account('ann') };
  };

type Note = (world: World) => Promise<unknown>;
const told: Note = (world) => world.twoFactor.notePasswordReset('id-ann', 'email');
const opened: Note = (world) =>
  world.client().send('POST', '/login-keeping', { username: 'ann', password: 'right' });

/** Mailed links sign in on a route of their own. */
const byLink: WorldOptions = {
  secondFactor: {
    users: {
      id: (user) => user.id,
      name: (user) => user.name,
      passwordResetChannel: (_user, req) => (req.path === '/login-keeping' ? 'email' : null),
    },
  },
};

const noting =
  (note: Note) =>
  ({ later }: Halves, world: World) =>
  async () => {
    await note(world);
    await world.stage.call({ name: 'is noted', touches: [] }, async () => undefined);
    return later.half.copy().mailed(later.mailed);
  };
const reset = noting(told);
const mail =
  ({ mail: { half, mailed } }: Halves) =>
  () =>
    half.copy().mailed(mailed);
const app =
  ({ app: { half, code } }: Halves) =>
  () =>
    half.copy().totp(code);

/** The last save of an operation is the one that won, if any of them did. */
const savedAt = (end: End, operation: string): number => end.lastStepOf(operation, 'accounts.save');

/** Where the reset was saved; null where nobody was told that it was. */
function notedAt(end: End): number | null {
  const done = end.lastStepOf('reset', 'is noted');
  return done < 0 ? null : end.lastStepOf('reset', 'accounts.save', done);
}

const usedUpTo = (account: Account | null): number =>
  account?.factors.find(({ type }) => type === 'totp')?.usedUpTo ?? 0;

/** Where the code of the app was saved as used; null where it was not. */
const provenAt = (end: End, { account }: Halves): number | null =>
  usedUpTo(end.account('ann')) > usedUpTo(account) ? savedAt(end, 'app') : null;

/** A reset stands until a proof of another kind is saved after it, and no longer. */
function stands(end: End, start: Halves): (string | false)[] {
  const at = notedAt(end);
  if (at === null) return [];
  const proven = provenAt(end, start);
  const isLifted = start.mayLift && proven !== null && proven > at;
  const { resetBy } = end.account('ann') ?? {};
  return [
    !isLifted && resetBy?.channel !== 'email' && 'the reset was lost',
    isLifted && resetBy !== undefined && 'the reset outlived a proof of another kind',
  ];
}

/** A mail that let somebody in was accepted before the reset, or after the proof that lifted it. */
function shut(end: End, start: Halves): (string | false)[] {
  const at = notedAt(end) ?? (end.account('ann')?.resetBy ? savedAt(end, 'reset') : Infinity);
  const proven = provenAt(end, start) ?? -1;
  const liftedAt = start.mayLift && proven > at ? proven : Infinity;
  const isBefore = end.didWell('mail') && savedAt(end, 'mail') < at;
  const mayBeIn = (name: string) => savedAt(end, name) > liftedAt || (name === 'mail' && isBefore);
  return ['mail', 'reset'].map(
    (name) => end.didWell(name) && !mayBeIn(name) && `a code by mail got in after the reset (${name})`,
  );
}

/** Whoever died: ann has all she had. */
function kept(end: End, { account }: Halves): (string | false)[] {
  const ids = (of: Account | null) => of?.factors.map(({ id }) => id).join();
  const unused = end.account('ann')?.backupCodes?.codes.filter(({ usedAt }) => usedAt === null);
  return [
    ids(end.account('ann')) !== ids(account) && 'a factor was lost',
    unused?.length !== 10 && 'a backup code was lost',
  ];
}

/** Without a fault the reset is noted, the app lets in, and a mail does or is refused without being judged. */
const unharmed = (end: End): (string | false)[] =>
  end.hasFault
    ? []
    : [
        notedAt(end) === null && 'the reset was not noted',
        end.errorOf('app') !== null && `the app was refused: ${end.errorOf('app')}`,
        ...['mail', 'reset'].map(
          (name) =>
            ![null, 'not_found', 'code_used'].includes(end.errorOf(name)) && `${name}: ${end.errorOf(name)}`,
        ),
      ];

const check = (end: End, start: Halves): (string | false)[] => [
  ...stands(end, start),
  ...shut(end, start),
  ...kept(end, start),
  ...unharmed(end),
];

const withMail: Race<Halves> = {
  mails: true,
  before: aged(0),
  remembersDead: true,
  operations: (start, world) => ({ reset: reset(start, world), mail: mail(start) }),
  check,
};
const withApp: Race<Halves> = {
  ...withMail,
  operations: (start, world) => ({ reset: reset(start, world), app: app(start) }),
};
const withBoth: Race<Halves> = {
  ...withMail,
  operations: (start, world) => ({ reset: reset(start, world), mail: mail(start), app: app(start) }),
  mostFaults: isLong ? 1 : 0,
};
/** The login of the app was there long before the reset. */
const withOldApp: Race<Halves> = { ...withApp, before: aged(2 * minutes) };

const faults = ['dies', 'unanswered'] as const;

describe('A reset by mail shuts codes by mail', () => {
  it.each(faults)('beside one that is typed: it was accepted before, or is refused (%s)', (fate) =>
    expectRaced(`a reset by mail, a code by mail, a process ${fate}`, {
      ...withMail,
      fates: ['lives', fate],
      mostFaults: isLong ? 2 : 1,
    }),
  );

  it.each(faults)('until a proof of another kind is saved after it, and not before (%s)', (fate) =>
    expectRaced(`a reset by mail, a code of an app, a process ${fate}`, {
      ...withApp,
      fates: ['lives', fate],
      mostFaults: isLong ? 2 : 1,
    }),
  );

  it('also beside both at once', () =>
    expectRaced('a reset by mail, a code by mail, a code of an app', withBoth));

  it.each(faults)('whatever a login from long before it proves (%s)', (fate) =>
    expectRaced(`a reset by mail, a code of an app in an old login, a process ${fate}`, {
      ...withOldApp,
      fates: ['lives', fate],
    }),
  );

  it('where it is a link in a mail that signs in', () =>
    expectRaced('a link in a mail signs in, a code by mail', {
      ...withMail,
      world: byLink,
      operations: (start, world) => ({ reset: noting(opened)(start, world), mail: mail(start) }),
    }));

  it.each(faults)('and so does one by text message beside it (%s)', (fate) =>
    expectRaced(`a reset by mail, a reset by text message, a process ${fate}`, {
      mails: true,
      before: aged(0),
      remembersDead: true,
      fates: ['lives', fate],
      mostFaults: isLong ? 2 : 1,
      operations: (start, world) => ({
        reset: reset(start, world),
        'by text': () => world.twoFactor.notePasswordReset('id-ann', 'sms'),
      }),
      check: (end, start) => {
        const { resetBy } = end.account('ann') ?? {};
        const isNoted = notedAt(end) !== null;
        return [
          isNoted && end.didWell('by text') && resetBy?.channel !== 'both' && 'one of two resets was lost',
          isNoted && !resetBy && 'the reset was lost',
          end.didWell('reset') && 'a code by mail got in after the reset',
          ...kept(end, start),
        ];
      },
    }),
  );

  it.each(faults)('also of who is just switching two-factor on (%s)', (fate) =>
    expectRaced(`a reset by mail, a first factor, a process ${fate}`, {
      mails: true,
      before: settingUp,
      remembersDead: true,
      fates: ['lives', fate],
      mostFaults: isLong ? 2 : 1,
      operations: ({ client, backupCodes }, world) => ({
        reset: () => told(world),
        'first factor': () => client.copy().acknowledge(backupCodes[0] ?? ''),
      }),
      check: (end) => {
        const { resetBy, factors = [] } = end.account('ann') ?? {};
        return [
          end.didWell('reset') && resetBy?.channel !== 'email' && 'the reset was lost',
          end.didWell('first factor') && factors.length !== 1 && 'the factor was lost',
          !end.hasFault && !end.didWell('reset') && `the reset: ${end.errorOf('reset')}`,
          !end.hasFault && !end.didWell('first factor') && `the factor: ${end.errorOf('first factor')}`,
        ];
      },
    }),
  );
});

/** An account store that says that it has saved, and does so a little later. */
const savesLate = (inner: Accounts): Accounts =>
  override(inner, {
    save: async (account, over) => {
      void inner.save(account, over);
      return true;
    },
  });

/** Half logins that begin whenever they are looked at. */
const beginsNow = (inner: Pending): Pending =>
  overridePending(inner, {
    logins: {
      read: async (...given) => {
        const login = await inner.logins.read(...given);
        return login?.state === 'owed' ? { ...login, since: Date.now() } : login;
      },
    },
  });

describe('The explorer finds what would open a channel that a reset had shut', () => {
  it('a save that does not compare', () =>
    expectViolation('a reset by mail, a code by mail, accounts that are saved over', {
      ...withMail,
      world: { accounts: savesOver },
      mostFaults: 0,
    }));

  it('a reset that is said to be noted before it is saved', () =>
    expectViolation('a reset by mail, accounts that are saved late', {
      ...withMail,
      world: { accounts: savesLate },
      mostFaults: 0,
    }));

  it('a proof in a login from before the reset', () =>
    expectViolation('a reset by mail, a code of an app in an old login that seems new', {
      ...withOldApp,
      world: { pending: beginsNow },
      mostFaults: 0,
    }));
});
