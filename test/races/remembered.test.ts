import type { Browser } from '../../lib/account/account';
import { visitOf } from '../../lib/core/browser';
import { createKeyRing } from '../../lib/crypto/key-ring';
import { createSeal } from '../../lib/crypto/seal';
import { coreScope, settingsWith } from '../core/core-scope';
import { days, seconds } from '../support/clock';
import { testKey } from '../support/host-app';
import { elsewhere, enrolledAnn, type Enrolled } from './cast';
import { expectRaced, expectViolation, isLong, type Race } from './race';
import type { Client } from './world/client';
import type { End } from './world/end';
import type { World, WorldOptions } from './world/world';

const world: WorldOptions = { secondFactor: { rememberBrowser: '30d' } };

interface Start extends Enrolled {
  /** Signed out, in the browser that is remembered: what it has now. */
  readonly tab: Client;
  /** The same with what it had before, which somebody has copied. */
  readonly thief: Client;
  /** Signed in somewhere else. */
  readonly other: Client;
  readonly browserId: string;
}

function move(one: World, ms: number): void {
  one.clock.move(ms);
  one.redisClock.move(ms);
}

/** The browser of ann is remembered, and was used by that once, a while ago. */
async function inHerBrowser(one: World): Promise<Start> {
  const enrolled = await enrolledAnn(one);
  const other = await elsewhere(one, enrolled);
  const first = enrolled.ann.withoutSession();
  await first.logIn('ann');
  await first.totpRemembered(enrolled.code);
  const thief = first.withoutSession();
  const second = first.withoutSession();
  await second.logIn('ann');
  await second.logOut();
  move(one, 40 * seconds);
  const browserId = (await one.account('ann'))?.browsers.find(({ remembered }) => remembered)?.id ?? '';
  return { ...enrolled, other, thief, tab: second.withoutSession(), browserId };
}

/** The newest token that an answer gave the browser to keep; none if it keeps what it has. */
const tokenOf = (end: End, operation: string): string | undefined => {
  const set = end.answer(operation)?.cookies.find((cookie) => cookie.startsWith('2fa-browser-'));
  return /=([\w-]+)/.exec(set ?? '')?.[1];
};

const rememberedBy = (end: End, one: World, token: string | undefined): Browser | null => {
  const account = end.account('ann');
  if (!account || token === undefined) return null;
  const scope = {
    ...coreScope({ settings: settingsWith({ rememberBrowser: 30 * days }) }),
    seal: createSeal(createKeyRing([testKey])),
    now: one.clock.now,
  };
  return visitOf(account, [token], scope).remembered;
};

const isRemembered = (end: End): boolean =>
  end.account('ann')?.browsers.some(({ remembered }) => remembered) ?? false;

const tabs = ['one', 'two'];

/** Whatever a browser was told to keep, it is asked for nothing with it. */
const dead = (end: End, start: Start, one: World): (string | false)[] =>
  tabs.map((name) => {
    const token = tokenOf(end, name) ?? (end.didWell(name) ? undefined : null);
    if (token === null || token === undefined) return false;
    return rememberedBy(end, one, token)?.id !== start.browserId && 'a browser was told a dead token';
  });

const twoTabs = (more: Partial<Race<Start>> = {}): Race<Start> => ({
  world,
  before: inHerBrowser,
  operations: ({ tab }) => ({
    one: () => tab.copy().logIn('ann'),
    two: () => tab.copy().logIn('ann'),
  }),
  check: (end, start, one) => [
    ...tabs.map((name) => !end.hasFault && !end.didWell(name) && `a tab was asked: ${end.errorOf(name)}`),
    tabs.every((name) => tokenOf(end, name) !== undefined) && 'both tabs were told a token',
    !isRemembered(end) && 'the browser was taken for a copy of itself',
    ...dead(end, start, one),
  ],
  ...more,
});

describe('Two tabs of a remembered browser', () => {
  it.each(['dies', 'unanswered'] as const)(
    'sign in at once, and keep one token between them (a process %s)',
    (fate) =>
      expectRaced(
        `two tabs of a remembered browser, a process ${fate}`,
        twoTabs({ fates: ['lives', fate], mostFaults: isLong ? 2 : 1 }),
      ),
  );

  it('and a thief with an older token: the thief is asked, and a tab at worst as well', () =>
    expectRaced('two tabs of a remembered browser and a copy', {
      ...twoTabs(),
      mostFaults: isLong ? 1 : 0,
      operations: (start, one) => ({
        ...twoTabs().operations(start, one),
        thief: () => start.thief.copy().logIn('ann'),
      }),
      check: (end, start, one) => {
        const isForgotten = !end.account('ann')?.browsers.some(({ id }) => id === start.browserId);
        return [
          end.didWell('thief') && 'a copy got in',
          !end.hasFault && end.errorOf('thief') !== 'second_factor_required' && 'the thief was not asked',
          ...(isForgotten ? [] : dead(end, start, one)),
          isForgotten && isRemembered(end) && 'another browser is remembered',
          !end.hasFault &&
            !isForgotten &&
            tabs.some((name) => !end.didWell(name)) &&
            'a tab was asked, and nothing was wrong',
        ];
      },
    }));

  it('would take each other for thieves without the grace, as they do a minute apart', () =>
    expectViolation('two tabs a minute apart', {
      ...twoTabs(),
      // A minute passes somewhere in between.
      operations: (start, one) => ({
        ...twoTabs().operations(start, one),
        minute: one.jumping('minute', [60 * seconds]),
      }),
    }));
});

/** What ends the trust in a browser. */
const endings: Record<string, (start: Start) => Promise<unknown>> = {
  'a password change': ({ other }) => other.copy().changePassword(),
  'a removed factor': ({ other, factorId }) => other.copy().remove(factorId),
  'browsers that are forgotten': ({ other }) => other.copy().forgetBrowsers(),
};

describe('A remembered browser is asked again', () => {
  it.each(Object.entries(endings))('after %s, whoever signs in in it meanwhile', (name, work) =>
    expectRaced(`a remembered login beside ${name}`, {
      world,
      before: inHerBrowser,
      mostFaults: isLong ? 1 : 0,
      operations: (start) => ({
        one: () => start.tab.copy().logIn('ann'),
        end: () => work(start),
      }),
      check: (end, _start, one) => [
        !end.hasFault && !end.didWell('end') && `it was refused: ${end.errorOf('end')}`,
        end.didWell('end') && isRemembered(end) && 'a browser is still remembered',
        end.didWell('end') &&
          rememberedBy(end, one, tokenOf(end, 'one')) !== null &&
          'its token still counts',
      ],
    }),
  );
});
