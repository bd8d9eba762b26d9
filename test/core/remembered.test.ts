import type { Account, FactorId, UserId } from '../../lib/account/account';
import { withoutOutdatedTrust } from '../../lib/account/browsers';
import { acknowledgeCodes } from '../../lib/core/acknowledge';
import { visitOf } from '../../lib/core/browser';
import { endLogins, endOthers, forget } from '../../lib/core/end-logins';
import { beginTotp, confirmTotp } from '../../lib/core/enrol-totp';
import { forgetBrowsersOf } from '../../lib/core/forget-browser';
import { importFactor } from '../../lib/core/import-factor';
import { prefer, remove, rename } from '../../lib/core/manage-factor';
import { notePasswordReset } from '../../lib/core/note-reset';
import { renewCodes } from '../../lib/core/pending-codes';
import { recall } from '../../lib/core/recall';
import { rememberedUntil } from '../../lib/core/remembered';
import type { Scope } from '../../lib/core/scope';
import { loadAccount } from '../../lib/core/status';
import { verify } from '../../lib/core/verify';
import { toBase32 } from '../../lib/crypto/base32';
import { randomBrowserToken } from '../../lib/crypto/random';
import { days, seconds } from '../support/clock';
import {
  accessOf,
  ada,
  type CoreScope,
  coreScope,
  enrol,
  halfLogin,
  okOf,
  settingsWith,
  shownBy,
  wrongCode,
} from './core-scope';

const LIFE = 30 * days;
const remembering = (life: number | null = LIFE) => settingsWith({ rememberBrowser: life });

async function withAda(life: number | null = LIFE) {
  const scope = coreScope({ settings: remembering(life) });
  const enrolled = await enrol(scope);
  scope.clock.move(30 * seconds);
  /** A sign-in with the app; the tokens that the browser has then. */
  const signIn = async (tokens: readonly string[] = [], remember = true) => {
    const prover = { userId: ada, login: await halfLogin(scope), tokens, remember };
    const verified = okOf(await verify(scope, prover, 'totp', { code: shownBy(scope, enrolled.secret) }));
    scope.clock.move(30 * seconds);
    return verified.tokens ?? tokens;
  };
  return { scope, ...enrolled, signIn };
}

type World = Awaited<ReturnType<typeof withAda>>;

const asked = async (scope: Scope, tokens: readonly string[], userId: UserId = ada) =>
  recall(scope, await loadAccount(scope, userId), tokens);

const isRecalled = async (scope: Scope, tokens: readonly string[], userId: UserId = ada): Promise<boolean> =>
  (await asked(scope, tokens, userId)).recalled !== null;

/** Signs in by what the browser has; the tokens that it has then. */
async function recalled(scope: Scope, tokens: readonly string[]): Promise<readonly string[]> {
  const { recalled: found } = await asked(scope, tokens);
  if (!found) throw new Error('the browser is asked');
  return found.tokens ?? tokens;
}

const toldOf = (scope: CoreScope, name: string) => scope.told.filter((event) => event.name === name);

describe('A browser is remembered', () => {
  it('if its user ticks it at a sign-in with a factor, and is told of', async () => {
    const { scope, signIn } = await withAda();
    const tokens = await signIn();
    const [browser] = (await loadAccount(scope, ada)).browsers;
    expect(await isRecalled(scope, tokens)).toBe(true);
    expect(toldOf(scope, 'browser.remembered')).toEqual([
      expect.objectContaining({ browserId: browser?.id, rev: expect.any(String) }),
    ]);
  });

  it.each<[string, (world: World) => Promise<readonly string[]>]>([
    ['it is not ticked', ({ signIn }) => signIn([], false)],
    [
      'a backup code was the proof',
      async ({ scope, codes }) => {
        const prover = { userId: ada, login: await halfLogin(scope), tokens: [], remember: true };
        return okOf(await verify(scope, prover, 'backup-code', { code: codes[0] })).tokens ?? [];
      },
    ],
    [
      'the code was wrong',
      async ({ scope, secret, tokens }) => {
        const prover = { userId: ada, login: await halfLogin(scope), tokens, remember: true };
        await verify(scope, prover, 'totp', { code: wrongCode(scope, secret) });
        return tokens;
      },
    ],
    [
      'a login confirms that is complete',
      async ({ scope, secret, login, tokens }) => {
        const prover = { userId: ada, login, tokens, remember: true };
        return okOf(await verify(scope, prover, 'totp', { code: shownBy(scope, secret) })).tokens ?? [];
      },
    ],
    [
      'there is no login',
      async ({ scope, secret, tokens }) => {
        const prover = { userId: ada, login: null, tokens, remember: true };
        okOf(await verify(scope, prover, 'totp', { code: shownBy(scope, secret) }));
        return tokens;
      },
    ],
    ['it was only enrolled in', async ({ tokens }) => tokens],
  ])('not if %s', async (_, tokensOf) => {
    const world = await withAda();
    expect(await isRecalled(world.scope, await tokensOf(world))).toBe(false);
    expect(toldOf(world.scope, 'browser.remembered')).toEqual([]);
  });

  it('not where the app has not switched it on', async () => {
    const { scope, signIn } = await withAda(null);
    expect(await isRecalled(scope, await signIn())).toBe(false);
  });

  it('not by a login from before a reset, which leaves the reset unsettled', async () => {
    const { scope, secret } = await withAda();
    const login = await halfLogin(scope);
    scope.clock.move(120 * seconds);
    await notePasswordReset(scope, ada, 'email');
    const prover = { userId: ada, login, tokens: [], remember: true };
    const { tokens } = okOf(await verify(scope, prover, 'totp', { code: shownBy(scope, secret) }));
    expect(await isRecalled(scope, tokens ?? [])).toBe(false);
  });

  it('for as long as was said, and no use makes it longer', async () => {
    const { scope, signIn } = await withAda();
    let tokens = await signIn();
    const end = scope.now() - 30 * seconds + LIFE;
    for (let day = 0; day < 29; day += 1) {
      tokens = await recalled(scope, tokens);
      const [browser] = (await loadAccount(scope, ada)).browsers;
      expect(browser && rememberedUntil(browser, scope.settings, scope.now())).toBe(end);
      scope.clock.move(days);
    }
    scope.clock.set(end - 1);
    tokens = await recalled(scope, tokens);
    scope.clock.set(end);
    expect(await isRecalled(scope, tokens)).toBe(false);
    // It is known all the same.
    expect(visitOf(await loadAccount(scope, ada), tokens, scope).lane).toBe('known');
  });

  it('no longer than the options say by then, and never longer than its user was told', async () => {
    const { scope, signIn } = await withAda();
    const tokens = await signIn();
    scope.clock.move(8 * days);
    expect(await isRecalled({ ...scope, settings: remembering(7 * days) }, tokens)).toBe(false);
    expect(await isRecalled({ ...scope, settings: remembering(null) }, tokens)).toBe(false);
    scope.clock.move(23 * days);
    expect(await isRecalled({ ...scope, settings: remembering(400 * days) }, tokens)).toBe(false);
  });

  it('not by a clock that was put back', async () => {
    const { scope, signIn } = await withAda();
    const tokens = await signIn();
    scope.clock.move(-2 * days);
    expect(await isRecalled(scope, tokens)).toBe(false);
  });

  it('for its user alone, however many sign in in it', async () => {
    const { scope, signIn } = await withAda();
    const bob = 'bob' as UserId;
    const seed = Buffer.alloc(20, 5);
    okOf(await importFactor(scope, bob, { type: 'totp', secret: toBase32(seed), label: 'Phone' }));
    const tokens = await signIn();
    expect(await isRecalled(scope, tokens, bob)).toBe(false);
    const { epoch } = await loadAccount(scope, bob);
    const login = { ...(await halfLogin(scope)), userId: bob, epoch };
    const prover = { userId: bob, login, tokens, remember: true };
    const kept = okOf(await verify(scope, prover, 'totp', { code: shownBy(scope, seed) })).tokens ?? [];
    expect(kept).toHaveLength(2);
    expect([await isRecalled(scope, kept), await isRecalled(scope, kept, bob)]).toEqual([true, true]);
  });

  it('among ten at most', async () => {
    const { scope, signIn } = await withAda();
    const all = [];
    for (let browser = 0; browser < 11; browser += 1) all.push(await signIn());
    const [first = [], ...others] = all;
    expect(await isRecalled(scope, first)).toBe(false);
    for (const one of others) expect(await isRecalled(scope, one)).toBe(true);
  });

  it('over a change of keys', async () => {
    const { scope, signIn } = await withAda();
    const before = await signIn();
    const after = await recalled(scope, before);
    const [key, newKey] = ['11'.repeat(32), '22'.repeat(32)];
    const accounts = scope.accounts;
    const rolling = coreScope({
      accounts,
      keys: [newKey, key],
      settings: scope.settings,
      clock: scope.clock,
    });
    const newest = await recalled(rolling, after);
    const alone = coreScope({ accounts, keys: [newKey], settings: scope.settings, clock: scope.clock });
    // Backup codes and seeds as well: the save sealed all of the account anew.
    const tab = await asked(alone, after);
    expect(tab.recalled?.tokens).toBeNull();
    expect(await isRecalled(alone, newest)).toBe(true);
  });
});

describe('The token of a remembered browser', () => {
  it('is another one after each login', async () => {
    const { scope, signIn } = await withAda();
    const seen = [await signIn()];
    for (let time = 0; time < 3; time += 1) seen.push(await recalled(scope, seen.at(-1) ?? []));
    expect(new Set(seen.flat()).size).toBe(4);
    expect((await loadAccount(scope, ada)).browsers).toHaveLength(2);
  });

  it('is good once more for tabs that ask at the same time, which keep the one that the first got', async () => {
    const { scope, signIn } = await withAda();
    const before = await signIn();
    const after = await recalled(scope, before);
    scope.clock.move(29 * seconds);
    const { recalled: tab, copied } = await asked(scope, before);
    expect([tab?.tokens, copied]).toEqual([null, []]);
    scope.clock.move(60 * seconds);
    expect(await isRecalled(scope, after)).toBe(true);
  });

  it('that was replaced a while ago is a copy: both are forgotten, and it is told', async () => {
    const { scope, signIn } = await withAda();
    const before = await signIn();
    const [browser] = (await loadAccount(scope, ada)).browsers;
    const after = await recalled(scope, before);
    scope.clock.move(30 * seconds);
    expect(await asked(scope, before)).toEqual({ recalled: null, copied: [browser?.id] });
    const told = toldOf(scope, 'browser.copied');
    expect(told).toEqual([expect.objectContaining({ browserId: browser?.id, rev: expect.any(String) })]);
    const account = await loadAccount(scope, ada);
    for (const tokens of [before, after]) {
      expect(await isRecalled(scope, tokens)).toBe(false);
      expect(visitOf(account, tokens, scope).lane).toBe('others');
    }
    // Only once: there is nothing left to copy.
    expect(await asked(scope, before)).toEqual({ recalled: null, copied: [] });
  });

  it('is a copy as well where it comes with a proof, or with what is right', async () => {
    const { scope, signIn } = await withAda();
    const before = await signIn();
    const after = await recalled(scope, before);
    scope.clock.move(60 * seconds);
    expect((await asked(scope, [...after, ...before])).recalled).toBeNull();
    const anew = await signIn(after);
    const later = await recalled(scope, anew);
    scope.clock.move(60 * seconds);
    await signIn(anew, false);
    expect(toldOf(scope, 'browser.copied')).toHaveLength(2);
    expect(await isRecalled(scope, later)).toBe(false);
    const first = await signIn();
    const second = await recalled(scope, first);
    scope.clock.move(60 * seconds);
    const proven = await signIn([...second, ...first], false);
    expect(await isRecalled(scope, proven)).toBe(false);
  });

  it.each([2, 3, 20])(
    'from %i logins ago is a copy as well: a thief cannot outrun its owner',
    async (logins) => {
      const { scope, signIn } = await withAda();
      const owners = await signIn();
      const [browser] = (await loadAccount(scope, ada)).browsers;
      let thiefs = owners;
      for (let login = 0; login < logins; login += 1) thiefs = await recalled(scope, thiefs);
      expect(await asked(scope, owners)).toEqual({ recalled: null, copied: [browser?.id] });
      expect(await isRecalled(scope, thiefs)).toBe(false);
    },
  );

  it('from before it was remembered anew is unknown, and harms nobody', async () => {
    const { scope, signIn } = await withAda();
    const old = await signIn();
    const anew = await signIn(old);
    scope.clock.move(60 * seconds);
    expect(await asked(scope, old)).toEqual({ recalled: null, copied: [] });
    expect(await isRecalled(scope, anew)).toBe(true);
  });

  it('from before it was remembered is unknown as well', async () => {
    const { scope, tokens, signIn } = await withAda();
    const now = await signIn(tokens);
    expect(await asked(scope, tokens)).toEqual({ recalled: null, copied: [] });
    expect(await isRecalled(scope, now)).toBe(true);
  });

  it('that nobody made is none', async () => {
    const { scope, signIn } = await withAda();
    await signIn();
    const saved = (await loadAccount(scope, ada)).rev;
    expect(await asked(scope, [randomBrowserToken()])).toEqual({ recalled: null, copied: [] });
    expect((await loadAccount(scope, ada)).rev).toBe(saved);
  });

  it('goes on over a fresh proof in the same browser', async () => {
    const { scope, signIn, secret, login } = await withAda();
    const before = await signIn();
    const prover = { userId: ada, login, tokens: before };
    const { tokens } = okOf(await verify(scope, prover, 'totp', { code: shownBy(scope, secret) }));
    expect(await isRecalled(scope, tokens ?? [])).toBe(true);
  });
});

/** What a complete login does that has just proven itself. */
const another = { type: 'totp', secret: toBase32(Buffer.alloc(20, 7)), label: 'Tablet' } as const;
async function addTablet(scope: CoreScope, { login }: World): Promise<void> {
  const access = await accessOf(scope, login);
  const { secret } = okOf(await beginTotp(scope, access));
  const input = { code: shownBy(scope, secret), defaultLabel: 'Tablet' };
  okOf(await confirmTotp(scope, access, input, []));
}
async function newCodes(scope: CoreScope, { login }: World): Promise<void> {
  const access = await accessOf(scope, login);
  const { codes } = okOf(await renewCodes(scope, access));
  okOf(await acknowledgeCodes(scope, access, codes[0], []));
}

describe('A remembered browser does not survive', () => {
  it.each<[string, (scope: CoreScope, world: World) => Promise<unknown>]>([
    ['a password change', (scope, { login }) => endLogins(scope, ada, login)],
    ['sign-out everywhere', (scope) => endLogins(scope, ada)],
    ['ending all other logins', async (scope, { login }) => endOthers(scope, await accessOf(scope, login))],
    ['a password reset by mail (nodewarden PR #371)', (scope) => notePasswordReset(scope, ada, 'email')],
    ['a password reset by text message', (scope) => notePasswordReset(scope, ada, 'sms')],
    ['another factor', addTablet],
    ['an imported factor', (scope) => importFactor(scope, ada, another)],
    [
      'a factor less',
      async (scope, { login, factorId }) => {
        okOf(await importFactor(scope, ada, another));
        return okOf(await remove(scope, await accessOf(scope, login), factorId));
      },
    ],
    [
      'the removal of the last factor, and another set-up',
      async (scope, { login, factorId }) => {
        okOf(await remove(scope, await accessOf(scope, login), factorId));
        await enrol(scope);
      },
    ],
    ['new backup codes', newCodes],
    [
      'being forgotten',
      async (scope, { login }) => {
        const [browser] = (await loadAccount(scope, ada)).browsers;
        return okOf(await forgetBrowsersOf(scope, login, browser?.id ?? ''));
      },
    ],
    ['being forgotten with all', (scope, { login }) => forgetBrowsersOf(scope, login, null)],
    ['the end of its time', async (scope) => scope.clock.move(LIFE)],
    [
      'the deletion of the account, even if it is made anew',
      async (scope) => {
        await forget(scope, ada);
        okOf(await importFactor(scope, ada, another));
      },
    ],
  ])('%s', async (_, happen) => {
    const world = await withAda();
    const { scope } = world;
    const tokens = await world.signIn();
    expect(await isRecalled(scope, tokens)).toBe(true);
    const newest = (await asked(scope, tokens)).recalled?.tokens ?? tokens;
    await happen(scope, world);
    for (const one of [tokens, newest]) expect(await isRecalled(scope, one)).toBe(false);
  });

  it.each<[string, (scope: CoreScope, world: World) => Promise<unknown>]>([
    [
      'another name of a factor',
      async (scope, { login, factorId }) =>
        okOf(await rename(scope, await accessOf(scope, login), factorId, 'Desk')),
    ],
    [
      'another factor to be asked for first',
      async (scope, { login, factorId }) =>
        okOf(await prefer(scope, await accessOf(scope, login), factorId, true)),
    ],
    [
      'a set-up that was begun and given up',
      async (scope, { login }) => okOf(await beginTotp(scope, await accessOf(scope, login))),
    ],
    [
      'a backup code that was used elsewhere',
      async (scope, { codes }) => {
        const prover = { userId: ada, login: await halfLogin(scope), tokens: [] };
        return okOf(await verify(scope, prover, 'backup-code', { code: codes[0] }));
      },
    ],
    ['a sign-in elsewhere', (_scope, { signIn }) => signIn([])],
    [
      'a removal that was refused',
      async (scope, { login }) => remove(scope, await accessOf(scope, login), 'nothing' as FactorId),
    ],
  ])('but it survives %s', async (_, happen) => {
    const world = await withAda();
    const tokens = await world.signIn();
    await happen(world.scope, world);
    expect(await isRecalled(world.scope, tokens)).toBe(true);
  });
});

describe('What a browser was remembered for', () => {
  it('is looked at in every change, whatever makes it', async () => {
    const { scope, signIn, tokens } = await withAda();
    await signIn(tokens);
    const before = await loadAccount(scope, ada);
    const factor = before.factors[0] as Account['factors'][number];
    const codes = before.backupCodes as NonNullable<Account['backupCodes']>;
    const reset = { channel: 'email', at: 1 } as const;
    const isTrusted = (from: Account, to: Account): boolean =>
      withoutOutdatedTrust(from, to).browsers.some(({ remembered }) => remembered);
    expect(isTrusted(before, { ...before, preferred: factor.id })).toBe(true);
    expect(isTrusted(before, { ...before, factors: [{ ...factor, label: 'Desk', usedUpTo: 9 }] })).toBe(true);
    for (const change of [
      { epoch: before.epoch + 1 },
      { factors: [{ ...factor, id: 'another' as FactorId }] },
      { factors: [factor, { ...factor, id: 'another' as FactorId }] },
      { factors: [] },
      { factors: [], suspended: [factor] },
      { suspended: [{ ...factor, id: 'another' as FactorId }] },
      { backupCodes: { ...codes, createdAt: codes.createdAt + 1 } },
      { backupCodes: null },
      { resetBy: reset },
    ])
      expect(isTrusted(before, { ...before, ...change })).toBe(false);
    const wasReset = { ...before, resetBy: reset };
    expect(isTrusted(wasReset, before)).toBe(true);
    expect(isTrusted(wasReset, { ...before, resetBy: { ...reset, at: 2 } })).toBe(false);
  });
});
