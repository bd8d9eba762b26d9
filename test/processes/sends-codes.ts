import { randomBytes } from 'node:crypto';
import type { WireBrowser } from '../support/browser-on-wire';
import type { Answer } from '../support/http-client';
import { as, owe } from './flows';
import type { Person } from './people';
import { askForCode, codeSentTo, countCodes, endCooldowns, halfLogin } from './sending';
import type { Stage } from './stage';

const GUESSES = 200;
const A_LOGIN = 5;
const A_LANE = 10;
const USES = 20;
const ROUNDS = process.env.TEST_LONG ? 20 : 5;

interface Mailed {
  readonly person: Person;
  readonly address: string;
}

export const sentCodes = (scene: () => Promise<Stage>): void =>
  describe('A code that was sent, at two processes', () => {
    let stage: Stage;
    beforeAll(async () => {
      stage = await scene();
    });

    const place = (at: number) => (at % 2 === 0 ? stage.a : stage.b);

    async function mailed(): Promise<Mailed> {
      const address = `${randomBytes(6).toString('hex')}@box.example`;
      return { address, person: await stage.people.withAddress('otp-email', address) };
    }

    /** Asks for a code, and reads it. */
    async function sent(browser: WireBrowser, { address }: Mailed, at = stage.a): Promise<string> {
      as(await askForCode(browser, at, 'otp-email'), 200);
      return codeSentTo(stage, address);
    }

    const use = (browser: WireBrowser, at: number, code: string): Promise<Answer> =>
      browser.post(place(at), '/2fa/otp-email', { code });

    const guess = (browsers: readonly WireBrowser[], right: ReadonlySet<string>): Promise<Answer[]> =>
      Promise.all(
        Array.from({ length: GUESSES }, (_, at) => {
          let digits = 100_000 + at * 3_571;
          while (right.has(String(digits))) digits += 1;
          const browser = browsers[at % browsers.length] ?? stage.browser();
          return use(browser, at + Math.floor(at / browsers.length), String(digits));
        }),
      );

    function expectEvaluated(answers: readonly Answer[], most: number, refused: readonly string[]): void {
      const counts = countCodes(answers);
      const known = ['wrong_code', 'unavailable', 'busy', ...refused];
      expect([...counts.keys()].filter((code) => !known.includes(code))).toEqual([]);
      const late = (counts.get('unavailable') ?? 0) + (counts.get('busy') ?? 0);
      expect(counts.get('wrong_code') ?? 0).toBeLessThanOrEqual(most);
      expect((counts.get('wrong_code') ?? 0) + late).toBeGreaterThanOrEqual(most);
      process.stdout.write(
        `codes: ${GUESSES} guesses: ${counts.get('wrong_code') ?? 0} read, ${late} too late\n`,
      );
    }

    it('200 guesses in its half login: five are read, and then it is over for the right code too', async () => {
      const one = await mailed();
      const browser = await halfLogin(stage, one.person);
      const right = await sent(browser, one);
      expectEvaluated(await guess([browser], new Set([right])), A_LOGIN, ['half_login_ended']);
      for (const at of [0, 1]) as(await use(browser, at, right), 401, 'half_login_ended');
    }, 60_000);

    it('200 guesses in 40 half logins: ten are read, and the owner gets in on a browser that is known', async () => {
      const one = await mailed();
      const owner = await halfLogin(stage, one.person);
      as(await use(owner, 0, await sent(owner, one)), 200);
      as(await owner.post(stage.a, '/logout'), 200);
      const attackers = await Promise.all(
        Array.from({ length: GUESSES / A_LOGIN }, (_, at) => halfLogin(stage, one.person, place(at))),
      );
      const live = new Map<WireBrowser, string>();
      for (const browser of attackers.slice(0, 3)) live.set(browser, await sent(browser, one));

      expectEvaluated(await guess(attackers, new Set(live.values())), A_LANE, ['locked', 'half_login_ended']);
      // What a flood that came too late has left, one by one.
      for (let turn = 0; (await stage.accountOf(one.person))?.lanes.others.left !== 0; turn += 1)
        await use(await halfLogin(stage, one.person), turn, '999999');
      for (const [browser, code] of live)
        expect(['locked', 'half_login_ended']).toContain((await use(browser, 1, code)).body.error?.code);

      // The password's holder used up the lane of strangers, and with it neither the owner's tries nor sends.
      await owe(owner, stage.b, one.person);
      as(await use(owner, 0, await sent(owner, one, stage.b)), 200);
      as(await owner.get(stage.b, '/api/me'), 200);
    }, 90_000);

    /** Several ways in at once from one half login: one of them is the one. */
    async function expectOne(
      browser: WireBrowser,
      attempts: readonly (() => Promise<Answer>)[],
    ): Promise<void> {
      const answers = await Promise.all(attempts.map((attempt) => attempt()));
      const counts = countCodes(answers);
      expect(counts.get('200')).toBe(1);
      const known = ['200', 'code_used', 'half_login_ended', 'sign_in_required'];
      expect([...counts.keys()].filter((code) => !known.includes(code))).toEqual([]);
      as(await browser.get(stage.b, '/api/me'), 200);
    }

    it(
      `of ${USES} uses of it exactly one succeeds, ${ROUNDS} rounds`,
      async () => {
        for (let round = 0; round < ROUNDS; round += 1) {
          const one = await mailed();
          const browser = await halfLogin(stage, one.person);
          const code = await sent(browser, one);
          await expectOne(
            browser,
            Array.from({ length: USES }, (_, at) => () => use(browser, at, code)),
          );
          expect((await stage.accountOf(one.person))?.lanes.others).toMatchObject({ left: A_LANE, wrong: 0 });
        }
      },
      ROUNDS * 15_000,
    );

    it(
      `of it and the one sent after it, used at once, one succeeds, ${ROUNDS} rounds`,
      async () => {
        for (let round = 0; round < ROUNDS; round += 1) {
          const one = await mailed();
          const browser = await halfLogin(stage, one.person);
          const older = await sent(browser, one);
          await endCooldowns(stage);
          const newer = await sent(browser, one, stage.b);
          await expectOne(
            browser,
            [older, newer, older, newer].map((code, at) => () => use(browser, at + round, code)),
          );
          // What was right a moment ago lets in no other login.
          const next = await halfLogin(stage, one.person);
          for (const code of [older, newer]) as(await use(next, round, code), 401, 'wrong_code');
        }
      },
      ROUNDS * 15_000,
    );

    it(
      `it succeeds while another one is asked for, and both are over then, ${ROUNDS} rounds`,
      async () => {
        for (let round = 0; round < ROUNDS; round += 1) {
          const one = await mailed();
          const browser = await halfLogin(stage, one.person);
          const stale = browser.copy();
          const older = await sent(browser, one);
          await endCooldowns(stage);
          const [used] = await Promise.all([
            use(browser, round, older),
            askForCode(stale, place(round + 1), 'otp-email'),
          ]);
          expect(used.status).toBe(200);
          const newest = await codeSentTo(stage, one.address);
          for (const code of [older, newest])
            expect((await use(stale.copy(), round, code)).body.error?.code).toBe('sign_in_required');
        }
      },
      ROUNDS * 15_000,
    );

    it('nothing of it is readable in a store or an output', async () => {
      expect(stage.seen.count('digits')).toBeGreaterThan(GUESSES);
      expect(await stage.leaks()).toEqual([]);
      expect(await stage.keysWithoutExpiry()).toEqual([]);
    });
  });
