import { visitOf } from '../../lib/core/browser';
import { createKeyRing } from '../../lib/crypto/key-ring';
import { createSeal } from '../../lib/crypto/seal';
import { testKey } from '../support/host-app';
import { coreScope } from '../core/core-scope';
import { enrolledAnn, settingUp, wrongCode, type Enrolled } from './cast';
import { expectRaced, isLong } from './race';
import type { Client } from './world/client';
import type { End } from './world/end';
import type { World } from './world/world';

const both = ['one', 'other'];
const scope = { ...coreScope(), seal: createSeal(createKeyRing([testKey])) };

/** The tokens that an answer gave the browser to keep, the newest first. */
const tokensOf = (end: End, operation: string): readonly string[] => {
  const set = end.answer(operation)?.cookies.find((cookie) => cookie.startsWith('2fa-browser-'));
  return /=([\w.-]+);/.exec(set ?? '')?.[1]?.split('.') ?? [];
};

const isKnown = (end: End, user: string, token: string | undefined): boolean => {
  const account = end.account(user);
  return account !== null && token !== undefined && visitOf(account, [token], scope).lane === 'known';
};

/** Half logins of ann's, begun one after the other in the one browser that she is known in. */
async function inHerBrowser(world: World): Promise<Enrolled & { halves: readonly Client[]; token: string }> {
  const enrolled = await enrolledAnn(world);
  const halves = [enrolled.ann.withoutSession(), enrolled.ann.withoutSession()];
  for (const half of halves) await half.logIn('ann');
  return { ...enrolled, halves, token: enrolled.ann.browserTokens[0] ?? '' };
}

/** Without a death everybody comes to what they wanted: the two don't use the same proof. */
const failed = (end: End, names: readonly string[]): (string | false)[] =>
  names.map((name) => !end.hasFault && !end.didWell(name) && `${name}: ${end.errorOf(name)}`);

/** Whoever was told that the browser is known now is right, and the token from before is good for nothing. */
const known = (end: End, token: string): (string | false)[] => [
  ...both.map(
    (name) =>
      end.didWell(name) && !isKnown(end, 'ann', tokensOf(end, name)[0]) && 'a browser was told a dead token',
  ),
  both.some((name) => end.didWell(name)) && isKnown(end, 'ann', token) && 'a token outlived a login',
  (end.account('ann')?.browsers.length ?? 0) > 2 && 'one browser became three',
];

describe('The token of a browser', () => {
  it.each(['dies', 'unanswered'] as const)(
    'is known or dead, and never one from before, when two tabs complete at once (%s)',
    (fate) =>
      expectRaced(`two logins in one browser, a process ${fate}`, {
        before: inHerBrowser,
        fates: ['lives', fate],
        mostFaults: isLong ? 2 : 1,
        operations: ({ halves, backupCodes }) => ({
          one: async () => halves[0]?.copy().backupCode(backupCodes[0] ?? ''),
          other: async () => halves[1]?.copy().backupCode(backupCodes[1] ?? ''),
        }),
        check: (end, { token }) => [...known(end, token), ...failed(end, both)],
      }),
  );

  it('is of one user, whatever others do in the same browser at once', () =>
    expectRaced('ann signs in while bob switches on, in one browser', {
      before: async (world) => {
        const { halves, backupCodes, token } = await inHerBrowser(world);
        const bob = await settingUp(world, 'bob', halves[1]?.withoutSession());
        return { ann: halves[0], code: backupCodes[0] ?? '', bob, token };
      },
      mostFaults: isLong ? 2 : 1,
      operations: ({ ann, code, bob }) => ({
        one: async () => ann?.copy().backupCode(code),
        other: () => bob.client.copy().acknowledge(bob.backupCodes[0] ?? ''),
      }),
      check: (end, { token }) => [
        end.didWell('one') && !isKnown(end, 'ann', tokensOf(end, 'one')[0]) && 'ann was told a dead token',
        end.didWell('other') &&
          !isKnown(end, 'bob', tokensOf(end, 'other')[0]) &&
          'bob was told a dead token',
        isKnown(end, 'bob', token) && 'bob is known by the token of ann',
        isKnown(end, 'bob', tokensOf(end, 'one')[0]) && 'bob is known by the new token of ann',
        isKnown(end, 'ann', tokensOf(end, 'other')[0]) && 'ann is known by the token of bob',
        (end.account('ann')?.browsers.length ?? 0) !== 1 && 'ann has another number of browsers',
        ...failed(end, both),
      ],
    }));

  it('gives no more guesses when it changes beside one', () =>
    expectRaced('guesses by the token that a login is just replacing', {
      before: async (world) => {
        const hers = await inHerBrowser(world);
        return { ...hers, wrong: wrongCode(hers.secret, world.clock.now()) };
      },
      mostFaults: isLong ? 1 : 0,
      operations: ({ halves, backupCodes, wrong }) => ({
        one: async () => halves[0]?.copy().backupCode(backupCodes[0] ?? ''),
        guess: async () => halves[1]?.copy().totp(wrong),
      }),
      check: (end) => {
        const { known: hers, others } = end.account('ann')?.lanes ?? {};
        const spent = 20 - Math.min(10, hers?.left ?? 0) - Math.min(10, others?.left ?? 0);
        return [
          ...failed(end, ['one']),
          end.errorOf('guess') === 'wrong_code' && spent !== 1 && `a guess took ${spent} tries`,
        ];
      },
    }));

  it('is dead once all logins were ended, whoever completes one at the same time', () =>
    expectRaced('a login completes while all are ended', {
      before: inHerBrowser,
      mostFaults: isLong ? 1 : 0,
      operations: ({ ann, halves, backupCodes }) => ({
        one: async () => halves[0]?.copy().backupCode(backupCodes[0] ?? ''),
        end: () => ann.copy().changePassword(),
      }),
      check: (end, { token }) => [
        ...failed(end, ['end']),
        end.didWell('end') && isKnown(end, 'ann', token) && 'the token outlived the end of all logins',
        end.didWell('end') &&
          (end.account('ann')?.browsers.length ?? 0) > 0 &&
          'a login that was ended made its browser known',
      ],
    }));
});
