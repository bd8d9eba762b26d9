import { toUserId } from '../../../lib/account/user-id';
import { loginKeyOf, userKeyOf } from '../../../lib/crypto/digest';
import type { Login, Proof } from '../../../lib';
import type { WireBrowser } from '../../support/browser-on-wire';
import { codeAt } from '../../support/browser-agent';
import { minutes } from '../../support/clock';
import type { Column, Row } from './table';
import type { Somebody, World } from './world';

export interface Visitor {
  readonly who: Somebody;
  readonly browser: WireBrowser;
}

/** A way for a session to be, and which column of the table says what follows from it. */
export interface State {
  readonly name: string;
  readonly column: Column;
  /** Where it differs from its column: the cells that may be expected instead. */
  readonly except?: (row: Row, form: 'html' | 'json') => readonly string[] | undefined;
  enter(world: World): Promise<Visitor>;
}

const LOGIN_LIFE = 60 * minutes;

async function signIn(world: World, who: Somebody, browser = world.browser()): Promise<Visitor> {
  const { username, password } = who;
  const { status } = await browser.post(world, '/login', { username, password });
  if (status !== (who.seed === '' ? 200 : 401)) throw new Error(`the password was answered by ${status}`);
  return { who, browser };
}

const owed = async (world: World, browser?: WireBrowser): Promise<Visitor> =>
  signIn(world, await world.somebody(true), browser);

const exempt = async (world: World, browser?: WireBrowser): Promise<Visitor> =>
  signIn(world, await world.somebody(false), browser);

async function passed(world: World): Promise<Visitor> {
  const visitor = await owed(world);
  const { who, browser } = visitor;
  const { status } = await browser.post(world, '/2fa/totp', { code: codeAt(who.seed, world.clock.now()) });
  if (status !== 200) throw new Error(`the code was answered by ${status}`);
  return visitor;
}

/** Signed in by the password alone, where the browser is remembered: complete, and without a proof. */
async function remembered(world: World): Promise<Visitor> {
  const visitor = await owed(world);
  const { who, browser } = visitor;
  const code = codeAt(who.seed, world.clock.now());
  await browser.post(world, '/2fa/totp', { code, remember: true });
  await browser.post(world, '/logout');
  const { status } = await browser.post(world, '/login', { username: who.username, password: who.password });
  if (status !== 200) throw new Error(`the password was answered by ${status}`);
  return visitor;
}

/** First into one state, then something happens to it. */
const then =
  (enter: (world: World) => Promise<Visitor>, happen: (world: World, visitor: Visitor) => unknown) =>
  async (world: World): Promise<Visitor> => {
    const visitor = await enter(world);
    await happen(world, visitor);
    return visitor;
  };

const later = (ms: number) => (world: World) => world.clock.move(ms);
const deleteUser = (world: World, { who }: Visitor) => world.people.delete(who.id);
const signOutEverywhere = (world: World, { who }: Visitor) => world.twoFactor.signOutEverywhere(who.id);
const dropRecord = (world: World, { browser }: Visitor) =>
  world.pending.logins.remove(loginKeyOf(browser.sessionId));

async function changeRecord(world: World, { browser, who }: Visitor, change: Partial<Login>): Promise<void> {
  const key = loginKeyOf(browser.sessionId);
  const login = await world.pending.logins.read(key, null);
  if (!login) throw new Error('there is no record to change');
  await world.pending.logins.write(
    key,
    { ...login, ...change },
    userKeyOf(toUserId(who.id)),
    LOGIN_LIFE,
    null,
  );
}

const epochAhead = async (world: World, visitor: Visitor): Promise<void> => {
  const login = await world.pending.logins.read(loginKeyOf(visitor.browser.sessionId), null);
  await changeRecord(world, visitor, { epoch: (login?.epoch ?? 0) + 1 });
};

type Data = Record<string, unknown>;
const dataOf = (world: World, { browser }: Visitor): Data =>
  JSON.parse(world.sessions.sessions[browser.sessionId] ?? '{}') as Data;

function changeData(world: World, visitor: Visitor, change: (data: Data) => Data): void {
  world.sessions.sessions[visitor.browser.sessionId] = JSON.stringify(change(dataOf(world, visitor)));
}

const removeMark = (world: World, visitor: Visitor): void =>
  changeData(world, visitor, ({ secondFactor: _, ...rest }) => rest);

/** What a person who is complete keeps in the session, put into the session of this visitor. */
const graft =
  (pick: (theirs: Data, own: Data) => Data) =>
  async (world: World, visitor: Visitor): Promise<void> => {
    const theirs = dataOf(world, await passed(world));
    changeData(world, visitor, (own) => pick(theirs, own));
  };

const isApp = ({ path }: Row): boolean => !/^\/2fa(\/|\?|$)/.test(path);
const isStep = ({ path }: Row): boolean =>
  /^\/2fa\/?(\?|$|choose|confirm|totp|backup-code(?!-used)|webauthn)/.test(path);
const isProof = ({ method, body }: Row): boolean => method === 'POST' && body !== undefined;
const isWrongProof = ({ body = '' }: Row): boolean => ['wrong', 'forged', 'letters', ''].includes(body);
const isOwnLogin = ({ body }: Row): boolean => body === 'self';

/** Nobody of this name can sign in any more. */
const unknownUser: State['except'] = (row, form) =>
  isOwnLogin(row) ? [form === 'html' ? '422' : '401 wrong_password'] : undefined;

const overStep: State['except'] = (row, form) => {
  // A way that nobody of this kind has is none before anything else, but that a proof is of nobody comes first.
  const isNoWay =
    row.cells.owed.startsWith('404') && !(row.method === 'POST' && row.path === '/2fa/webauthn');
  if (!isStep(row) || isNoWay) return undefined;
  // A challenge says nothing of anybody, and its answer leads nowhere.
  if (row.path === '/2fa/webauthn/options') return undefined;
  // What a script posts may still be found malformed, or wrong, before anything else.
  if (form === 'json' && isProof(row) && isWrongProof(row)) return ['4xx'];
  return [form === 'html' ? '401' : '401 sign_in_required'];
};

/** A half login whose account has moved on: for the app nobody, and our own pages say so. */
const overtaken: State['except'] = (row, form) => {
  if (isApp(row)) return [row.cells.anon];
  return overStep(row, form) ?? [row.cells.anon, row.cells.owed];
};

/** What it waits for is its link alone: each page of the step says so, and so does the answer to any code. */
const waits: State['except'] = (row, form) => {
  const { method, path, body = '' } = row;
  if (path === '/2fa/browser/send' && method === 'POST') return [form === 'html' ? '303 /2fa' : '200 owed'];
  if (!isProof(row) || !/^\/2fa\/(?:totp|backup-code)\b/.test(path)) return undefined;
  const isCode = path.includes('totp') ? body === 'right' || body === 'wrong' : body === 'backup';
  if (!isCode) return undefined;
  const [, to = ''] = decodeURIComponent(path).split('?');
  return [form === 'html' ? `303 /2fa${to && `?${to}`}` : '401 new_browser'];
};

const wait = async (world: World, visitor: Visitor): Promise<void> => {
  const at = world.clock.now();
  const proof = { type: 'totp', factorId: visitor.who.factorId, at } as Proof;
  const waiting = { proof, issuedAt: at, sentTo: ['a•••@e•••.com'], to: null };
  await changeRecord(world, visitor, { waiting });
};

async function letInAgain(world: World): Promise<Visitor> {
  const who = await world.somebody(true);
  const browser = world.browser();
  const { status } = await browser.post(world, await world.letIn(who.id), { password: who.password });
  if (status !== 200) throw new Error(`the link was answered by ${status}`);
  return { who, browser };
}

const SETS_UP =
  /^\/2fa\/security\/(?:totp|webauthn|otp-sms|otp-email|backup-codes\/(?:acknowledge|download|cancel))(?:\/|$)/;

/** Set-ups are those of somebody without a factor; whatever is open to anybody is; everything else is shut. */
const setsUpOnly: State['except'] = ({ method, path, cells }, form) => {
  const [bare = ''] = path.split('?');
  const isRead = method === 'GET';
  const isPublic = cells.anon === cells.owed && (isRead || /^\/(?:logout|2fa\/browser\/)/.test(bare));
  if (isPublic) return [cells.anon];
  if (bare === '/2fa/cancel' && !isRead) return [cells.owed];
  if (SETS_UP.test(bare) || (bare === '/2fa/security/backup-codes' && isRead))
    return [cells.exempt.replace(/^303 \/2fa\/security$/, '303 /2fa/enrol')];
  if (form === 'json') return ['403 enrol_first'];
  return [isRead ? '303 /2fa/enrol' : '403'];
};

export const states: readonly State[] = [
  {
    name: 'nobody',
    column: 'anon',
    enter: async (world) => ({ who: await world.somebody(true), browser: world.browser() }),
  },
  {
    name: 'a cookie of a session that is gone',
    column: 'anon',
    enter: then(passed, (world, { browser }) => delete world.sessions.sessions[browser.sessionId]),
  },
  {
    name: 'signed out',
    column: 'anon',
    enter: then(passed, (world, { browser }) => browser.post(world, '/logout')),
  },
  {
    name: 'given up',
    column: 'anon',
    enter: then(owed, (world, { browser }) => browser.post(world, '/2fa/cancel')),
  },
  { name: 'owed', column: 'owed', enter: owed },
  { name: 'owed, waiting for its link', column: 'owed', enter: then(owed, wait), except: waits },
  {
    name: 'owed, waited too long for its link',
    column: 'ended',
    enter: then(then(owed, wait), later(15 * minutes)),
  },
  { name: 'owed and expired', column: 'ended', enter: then(owed, later(10 * minutes + 1)) },
  {
    name: 'owed, all tries used',
    column: 'ended',
    enter: then(owed, async (world, { browser, who }) => {
      const now = world.clock.now();
      const code = ['111111', '222222', '333333'].find(
        (one) => ![-30, 0, 30].some((s) => codeAt(who.seed, now + s * 1000) === one),
      );
      for (let tries = 0; tries < 5; tries += 1) await browser.post(world, '/2fa/totp', { code });
    }),
  },
  {
    name: 'owed, the user deleted',
    column: 'owed',
    enter: then(owed, deleteUser),
    except: (row, form) => unknownUser(row, form) ?? overStep(row, form),
  },
  {
    name: 'owed, the user deleted and forgotten',
    column: 'owed',
    enter: then(then(owed, deleteUser), (world, { who }) => world.twoFactor.forget(who.id)),
    except: (row, form) => unknownUser(row, form) ?? overtaken(row, form),
  },
  {
    name: 'owed, signed out everywhere',
    column: 'owed',
    enter: then(owed, signOutEverywhere),
    except: overtaken,
  },
  { name: 'owed, without a record', column: 'anon', enter: then(owed, dropRecord) },
  { name: 'owed, without the mark', column: 'anon', enter: then(owed, removeMark) },
  { name: 'passed, fresh', column: 'fresh', enter: passed },
  { name: 'passed, stale', column: 'stale', enter: then(passed, later(5 * minutes + 1)) },
  {
    name: 'passed in a remembered browser',
    column: 'stale',
    enter: remembered,
    except: (row, form) => (isOwnLogin(row) ? [form === 'html' ? '303 /' : '200'] : undefined),
  },
  { name: 'passed, after 30 days', column: 'anon', enter: then(passed, later(30 * 24 * 60 * minutes + 1)) },
  { name: 'exempt, fresh', column: 'exempt', enter: exempt },
  { name: 'exempt, old', column: 'old', enter: then(exempt, later(5 * minutes + 1)) },
  { name: 'passed, the user deleted', column: 'anon', enter: then(passed, deleteUser), except: unknownUser },
  { name: 'passed, the epoch is old', column: 'anon', enter: then(passed, signOutEverywhere) },
  { name: 'passed, the epoch is ahead', column: 'anon', enter: then(passed, epochAhead) },
  { name: 'passed, marked and without a record', column: 'anon', enter: then(passed, dropRecord) },
  {
    name: 'passed, without mark and record',
    column: 'anon',
    enter: then(then(passed, dropRecord), removeMark),
  },
  { name: 'passed, without the mark', column: 'fresh', enter: then(passed, removeMark) },
  {
    name: 'let in again, to set up and nothing else',
    // Of the rows of this column none is left.
    column: 'fresh',
    enter: letInAgain,
    except: setsUpOnly,
  },
  {
    name: 'older than the installation',
    column: 'old',
    enter: then(then(exempt, dropRecord), removeMark),
  },
  {
    name: 'passed, then somebody else gives a password in the same browser',
    column: 'owed',
    enter: async (world) => owed(world, (await passed(world)).browser),
  },
  {
    name: 'passed, then somebody else signs in, who owes nothing',
    column: 'exempt',
    enter: async (world) => exempt(world, (await passed(world)).browser),
  },
  {
    name: 'owed, then somebody else signs in, who owes nothing',
    column: 'exempt',
    enter: async (world) => exempt(world, (await owed(world)).browser),
  },
  {
    name: "passed, with another's name in the session",
    column: 'anon',
    enter: then(
      passed,
      graft(({ passport }, own) => ({ ...own, passport })),
    ),
  },
  {
    name: "owed, with another's complete session in its place",
    column: 'anon',
    enter: then(
      owed,
      graft((theirs) => theirs),
    ),
  },
  {
    name: "owed, with another's complete session without a mark",
    column: 'anon',
    enter: then(
      owed,
      graft(({ secondFactor: _, ...theirs }) => theirs),
    ),
  },
  {
    name: "signed out, with another's complete session",
    column: 'anon',
    enter: then(
      then(passed, dropRecord),
      graft((theirs) => theirs),
    ),
  },
];
