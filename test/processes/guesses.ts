import type { WireBrowser } from '../support/browser-on-wire';
import type { Answer } from '../support/http-client';
import { until } from '../support/within';
import { as, enrol, owe } from './flows';
import type { Person } from './people';
import type { Stage } from './stage';

const GUESSES = 200;
const A_LOGIN = 5;
const A_LANE = 10;
const ROUNDS = process.env.TEST_LONG ? 10 : 1;

export const guessesAtOnce = (scene: () => Promise<Stage>): void =>
  describe('Of 200 guesses at once, at two processes', () => {
    let stage: Stage;
    beforeAll(async () => {
      stage = await scene();
    });

    const place = (at: number) => (at % 2 === 0 ? stage.a : stage.b);

    /** Wrong codes from these half logins in turn, at both processes. */
    const flood = (person: Person, browsers: readonly WireBrowser[]): Promise<Answer>[] =>
      Array.from({ length: GUESSES }, (_, at) => {
        const turn = Math.floor(at / browsers.length);
        const browser = browsers[at % browsers.length] ?? stage.browser();
        return browser.post(place(at + turn), '/2fa/totp', { code: person.wrongCode(at) });
      });

    const halfLogin = async (person: Person, at = stage.a): Promise<WireBrowser> => {
      const browser = stage.browser();
      await owe(browser, at, person);
      return browser;
    };

    const halfLogins = (person: Person, count: number): Promise<WireBrowser[]> =>
      Promise.all(Array.from({ length: count }, (_, at) => halfLogin(person, place(at))));

    /** Guesses on, one by one, where the processes were too busy to read ten of the flood. */
    async function useUp(person: Person): Promise<Answer[]> {
      const answers: Answer[] = [];
      while ((await leftOf(person)) !== 0) {
        const browser = await halfLogin(person);
        answers.push(await browser.post(stage.b, '/2fa/totp', { code: person.wrongCode(answers.length) }));
      }
      return answers;
    }

    const codesOf = (answers: readonly Answer[]): Map<string, number> => {
      const counts = new Map<string, number>();
      for (const { body, status } of answers) {
        const code = body.error?.code ?? String(status);
        counts.set(code, (counts.get(code) ?? 0) + 1);
      }
      return counts;
    };

    /** A process that is too busy may say so; then nobody learned whether the guess was right. */
    function expectEvaluated(answers: readonly Answer[], budget: number, refused: string): void {
      const counts = codesOf(answers);
      const late = (counts.get('unavailable') ?? 0) + (counts.get('busy') ?? 0);
      expect(
        [...counts.keys()].filter((code) => !['unavailable', 'busy', 'wrong_code', refused].includes(code)),
      ).toEqual([]);
      expect(counts.get('wrong_code') ?? 0).toBeLessThanOrEqual(budget);
      expect((counts.get('wrong_code') ?? 0) + late).toBeGreaterThanOrEqual(budget);
    }

    const leftOf = async (person: Person): Promise<number | undefined> =>
      (await stage.accountOf(person))?.lanes.others.left;

    it(
      'ten are read, by many half logins; the right code after them fails; the owner still gets in',
      async () => {
        for (let round = 0; round < ROUNDS; round += 1) {
          const person = await stage.people.add();
          const owner = stage.browser();
          await enrol(owner, stage.a, person);
          as(await owner.post(stage.a, '/logout'), 200);
          const attackers = await halfLogins(person, GUESSES / A_LOGIN);
          const last = await halfLogin(person);

          let answered = 0;
          const guesses = flood(person, attackers);
          for (const guess of guesses) void guess.finally(() => (answered += 1));
          await until(
            30_000,
            'the flood',
            async () => (await leftOf(person)) === 0 || answered === guesses.length,
          );
          const more = await useUp(person);
          const right = await person.nextCode();
          const late = await last.post(stage.b, '/2fa/totp', { code: right });
          expect([429, 503]).toContain(late.status);
          expectEvaluated([...(await Promise.all(guesses)), ...more], A_LANE, 'locked');
          expect(await leftOf(person)).toBe(0);

          // Now that it is quiet: still no, with the time of the next try.
          const again = as(await last.post(stage.a, '/2fa/totp', { code: right }), 429, 'locked');
          expect(again.headers['retry-after']).toBe(String(again.body.error?.retryAfter));
          await owe(owner, stage.b, person);
          as(await owner.post(stage.a, '/2fa/totp', { code: await person.nextCode() }), 200);
          as(await owner.get(stage.b, '/api/me'), 200);
          const stranger = await halfLogin(person);
          as(await stranger.post(stage.b, '/2fa/backup-code', { code: person.backupCodes[0] }), 200);
        }
      },
      ROUNDS * 90_000,
    );

    it(
      'five are read by one half login, which then is over, also for the right code',
      async () => {
        for (let round = 0; round < ROUNDS; round += 1) {
          const person = await stage.people.withApp();
          const browser = await halfLogin(person);
          const right = await person.nextCode();
          expectEvaluated(await Promise.all(flood(person, [browser])), A_LOGIN, 'half_login_ended');
          expect(await leftOf(person)).toBeGreaterThanOrEqual(A_LANE - A_LOGIN);
          for (const at of [stage.a, stage.b])
            as(await browser.post(at, '/2fa/totp', { code: right }), 401, 'half_login_ended');
          const next = await halfLogin(person, stage.b);
          as(await next.post(stage.a, '/2fa/totp', { code: await person.nextCode() }), 200);
        }
      },
      ROUNDS * 90_000,
    );

    it('no number of wrong backup codes at once gets more than the five of its half login', async () => {
      const person = await stage.people.add();
      await enrol(stage.browser(), stage.a, person);
      const browser = await halfLogin(person);
      const codes = Array.from({ length: 50 }, (_, at) => `0000-0000-0000-${1000 + at}`);
      const answers = await Promise.all(
        codes.map((code, at) => browser.post(place(at), '/2fa/backup-code', { code })),
      );
      expectEvaluated(answers, A_LOGIN, 'half_login_ended');
      expect((await stage.accountOf(person))?.lanes.others.wrong).toBe(0);
    });

    it('nothing of it is readable in a store or an output', async () => {
      expect(stage.seen.count('digits')).toBeGreaterThan(GUESSES);
      expect(await stage.leaks()).toEqual([]);
      expect(await stage.keysWithoutExpiry()).toEqual([]);
    });
  });
