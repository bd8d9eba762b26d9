import type { Account } from '../../lib/account/account';
import { MOST_TOKENS, visitOf } from '../../lib/core/browser';
import { endLogins, endOthers } from '../../lib/core/end-logins';
import { forgetBrowsersOf } from '../../lib/core/forget-browser';
import { importFactor } from '../../lib/core/import-factor';
import { remove } from '../../lib/core/manage-factor';
import { loadAccount } from '../../lib/core/status';
import type { Scope } from '../../lib/core/scope';
import { verify } from '../../lib/core/verify';
import { toBase32 } from '../../lib/crypto/base32';
import { randomBrowserToken } from '../../lib/crypto/random';
import type { FactorId, UserId } from '../../lib/account/account';
import { accessOf, ada, codeOf, coreScope, enrol, halfLogin, okOf, shownBy, wrongCode } from './core-scope';

const laneIn = async (scope: ReturnType<typeof coreScope>, tokens: readonly string[]) =>
  visitOf(await loadAccount(scope, ada), tokens, scope).lane;

async function withAda() {
  const scope = coreScope();
  const enrolled = await enrol(scope);
  scope.clock.move(30_000);
  const signIn = async (tokens: readonly string[], within: Scope = scope) => {
    const prover = { userId: ada, login: await halfLogin(scope), tokens };
    const verified = okOf(await verify(within, prover, 'totp', { code: shownBy(scope, enrolled.secret) }));
    scope.clock.move(30_000);
    return verified.tokens ?? [];
  };
  return { scope, ...enrolled, signIn };
}

describe('A browser token', () => {
  it('that a client brought is never taken over, whoever made it up', async () => {
    const { scope, signIn } = await withAda();
    const planted = randomBrowserToken();
    const kept = await signIn([planted]);
    expect(kept).toEqual([expect.stringMatching(/^[\w-]{22}$/), planted]);
    expect(await laneIn(scope, [planted])).toBe('others');
    expect(await laneIn(scope, kept)).toBe('known');
    // The next sign-in goes by the one that was made here.
    const [, ...others] = await signIn(kept);
    expect(others).toEqual([planted]);
    expect(await laneIn(scope, [planted])).toBe('others');
  });

  it('is another one after each completed login, and the one before it is dead', async () => {
    const { scope, tokens, signIn } = await withAda();
    const seen = [tokens];
    for (let time = 0; time < 3; time += 1) seen.push(await signIn(seen.at(-1) ?? []));
    expect(new Set(seen.flat()).size).toBe(4);
    expect(await Promise.all(seen.map((one) => laneIn(scope, one)))).toEqual([
      'others',
      'others',
      'others',
      'known',
    ]);
    expect((await loadAccount(scope, ada)).browsers).toHaveLength(1);
  });

  it('stays the same browser in the account, with the day it came first', async () => {
    const { scope, tokens, signIn } = await withAda();
    const [before] = (await loadAccount(scope, ada)).browsers;
    await signIn(tokens);
    const [after] = (await loadAccount(scope, ada)).browsers;
    expect(after?.addedAt).toBe(before?.addedAt);
    expect(after?.lastSeenAt).toBeGreaterThan(before?.lastSeenAt ?? Infinity);
    expect(after?.digest).not.toBe(before?.digest);
  });

  it('of another user of the browser stays as it is, and counts for that user alone', async () => {
    const { scope, tokens, signIn } = await withAda();
    const bob = 'bob' as UserId;
    okOf(
      await importFactor(scope, bob, { type: 'totp', secret: toBase32(Buffer.alloc(20, 5)), label: 'Phone' }),
    );
    const { epoch } = await loadAccount(scope, bob);
    const login = { ...(await halfLogin(scope)), userId: bob, epoch };
    const code = shownBy(scope, Buffer.alloc(20, 5));
    const bobs = okOf(await verify(scope, { userId: bob, login, tokens }, 'totp', { code }));
    const [ofBob = '', ofAda = ''] = bobs.tokens ?? [];
    expect([ofAda]).toEqual(tokens);
    const lanesOf = (account: Account) => [ofBob, ofAda].map((one) => visitOf(account, [one], scope).lane);
    expect(lanesOf(await loadAccount(scope, ada))).toEqual(['others', 'known']);
    expect(lanesOf(await loadAccount(scope, bob))).toEqual(['known', 'others']);
    expect(await signIn([ofBob, ofAda])).toEqual([expect.not.stringContaining(ofAda), ofBob]);
  });

  it('keeps company of 63 others at most, the newest first', async () => {
    const { signIn } = await withAda();
    const others = Array.from({ length: MOST_TOKENS }, randomBrowserToken);
    const kept = await signIn(others);
    expect(kept.slice(1)).toEqual(others.slice(0, MOST_TOKENS - 1));
  });

  it('is not changed by a wrong code, whose try its lane pays', async () => {
    const { scope, secret, tokens } = await withAda();
    const prover = { userId: ada, login: await halfLogin(scope), tokens };
    expect(codeOf(await verify(scope, prover, 'totp', { code: wrongCode(scope, secret) }))).toBe(
      'wrong_code',
    );
    expect(await laneIn(scope, tokens)).toBe('known');
    expect((await loadAccount(scope, ada)).lanes.known.wrong).toBe(1);
  });
});

describe('A browser in the account', () => {
  it('keeps its id when its token changes, and is called by what it says it is', async () => {
    const { scope, tokens, signIn } = await withAda();
    const [before] = (await loadAccount(scope, ada)).browsers;
    expect(before).toMatchObject({ id: expect.stringMatching(/^[\w-]{22}$/), name: null });
    const windows = { browser: 'Chrome', system: 'Windows' };
    const request = { address: null, browser: windows, requestId: null };
    await signIn(tokens, { ...scope, request });
    const [after] = (await loadAccount(scope, ada)).browsers;
    expect(after).toMatchObject({ id: before?.id, name: windows });
    expect(tokens).not.toContain(before?.id);
  });

  it('is told of when someone signs in with one that it did not know, and then only', async () => {
    const { scope, tokens, signIn, login, secret } = await withAda();
    const told = () => scope.told.filter(({ name }) => name === 'browser.new');
    await signIn(tokens);
    expect(told()).toEqual([]);
    // A login that is complete has been told of.
    const confirms = { userId: ada, login, tokens: [] };
    okOf(await verify(scope, confirms, 'totp', { code: shownBy(scope, secret) }));
    scope.clock.move(30_000);
    expect(told()).toEqual([]);
    await signIn([]);
    const [newest] = (await loadAccount(scope, ada)).browsers;
    expect(told()).toEqual([expect.objectContaining({ browserId: newest?.id, rev: expect.any(String) })]);
  });

  it('is forgotten by its id, by a login of this epoch', async () => {
    const { scope, login, tokens, signIn } = await withAda();
    await signIn([]);
    const [newest, first] = (await loadAccount(scope, ada)).browsers;
    expect(codeOf(await forgetBrowsersOf(scope, login, 'nothing'))).toBe('not_found');
    expect(codeOf(await forgetBrowsersOf(scope, { ...login, epoch: 1 }, null))).toBe('sign_in_required');
    const half = await halfLogin(scope);
    expect(codeOf(await forgetBrowsersOf(scope, half, null))).toBe('sign_in_required');
    expect(okOf(await forgetBrowsersOf(scope, login, first?.id ?? '')).browsers).toEqual([first]);
    expect((await loadAccount(scope, ada)).browsers).toEqual([newest]);
    expect(await laneIn(scope, tokens)).toBe('others');
    expect(okOf(await forgetBrowsersOf(scope, login, null)).browsers).toEqual([newest]);
    const told = scope.told.filter(({ name }) => name === 'browser.forgotten');
    expect(told.map(({ browserId }) => browserId)).toEqual([first?.id, newest?.id]);
    expect(okOf(await forgetBrowsersOf(scope, login, null)).browsers).toEqual([]);
  });
});

describe('Browsers are forgotten', () => {
  it.each<[string, (world: Awaited<ReturnType<typeof withAda>>) => Promise<unknown>]>([
    ['when all logins end', ({ scope }) => endLogins(scope, ada)],
    ['when all logins but one end', ({ scope, login }) => endLogins(scope, ada, login)],
    [
      'when a factor is removed, be it not the last',
      async ({ scope, login, factorId }) => {
        const another = { type: 'totp', secret: toBase32(Buffer.alloc(20, 5)), label: 'Tablet' } as const;
        okOf(await importFactor(scope, ada, another));
        okOf(await remove(scope, await accessOf(scope, login), factorId));
      },
    ],
    [
      'when the last factor is removed',
      async ({ scope, login, factorId }) => remove(scope, await accessOf(scope, login), factorId),
    ],
    [
      'when a user ends the others',
      async ({ scope, login }) => endOthers(scope, await accessOf(scope, login)),
    ],
  ])('%s', async (_when, forget) => {
    const world = await withAda();
    await forget(world);
    expect((await loadAccount(world.scope, ada)).browsers).toEqual([]);
    expect(await laneIn(world.scope, world.tokens)).toBe('others');
  });

  it('not when the removal is refused', async () => {
    const { scope, login } = await withAda();
    expect(codeOf(await remove(scope, await accessOf(scope, login), 'nothing' as FactorId))).toBe(
      'not_found',
    );
    expect((await loadAccount(scope, ada)).browsers).toHaveLength(1);
  });
});
