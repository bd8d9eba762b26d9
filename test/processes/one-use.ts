import type { WireBrowser } from '../support/browser-on-wire';
import { rounds } from '../support/exhaustive';
import type { Answer } from '../support/http-client';
import { enrol, owe } from './flows';
import type { Person } from './people';
import type { Stage } from './stage';

const ROUNDS = rounds(3, 10, 50);
const HALF_LOGINS = 10;

export const oneUse = (scene: () => Promise<Stage>): void =>
  describe('Of 20 uses of one code at once, at two processes', () => {
    let stage: Stage;
    beforeAll(async () => {
      stage = await scene();
    });

    /** Each half login posts the code at both processes. */
    async function useAtOnce(person: Person, path: string, code: string): Promise<Answer[]> {
      const { a, b } = stage;
      const browsers = Array.from({ length: HALF_LOGINS }, () => stage.browser());
      await Promise.all(browsers.map((browser, at) => owe(browser, at % 2 ? a : b, person)));
      const answers = await Promise.all(
        browsers.flatMap((browser) => [browser.post(a, path, { code }), browser.post(b, path, { code })]),
      );
      expect(await signedInAt(b, browsers)).toBe(1);
      expect(await signedInAt(a, browsers)).toBe(1);
      return answers;
    }

    async function signedInAt(app: { url: string }, browsers: readonly WireBrowser[]): Promise<number> {
      const answers = await Promise.all(browsers.map((browser) => browser.get(app, '/api/me')));
      return answers.filter(({ status }) => status === 200).length;
    }

    function expectOneSuccess(answers: readonly Answer[]): void {
      const refused = answers.filter(({ status }) => status !== 200);
      expect(refused).toHaveLength(answers.length - 1);
      // The other post of the winner's half login may come when that is over.
      const codes = new Set(refused.map(({ body }) => body.error?.code));
      expect([...codes].filter((code) => code !== 'code_used' && code !== 'sign_in_required')).toEqual([]);
      expect(codes).toContain('code_used');
    }

    it(
      `exactly one succeeds: a code of the app, ${ROUNDS} rounds`,
      async () => {
        for (let round = 0; round < ROUNDS; round += 1) {
          const person = await stage.people.withApp();
          expectOneSuccess(await useAtOnce(person, '/2fa/totp', await person.nextCode()));
          // None of the others cost the owner a try.
          expect((await stage.accountOf(person))?.lanes.others).toMatchObject({ left: 10, wrong: 0 });
        }
      },
      ROUNDS * 20_000,
    );

    it(
      `exactly one succeeds: a backup code, ${ROUNDS} rounds`,
      async () => {
        for (let round = 0; round < ROUNDS; round += 1) {
          const person = await stage.people.add();
          await enrol(stage.browser(), stage.a, person);
          const [code = ''] = person.backupCodes;
          expectOneSuccess(await useAtOnce(person, '/2fa/backup-code', code));
          const codes = (await stage.accountOf(person))?.backupCodes?.codes ?? [];
          expect(codes.filter(({ usedAt }) => usedAt !== null)).toHaveLength(1);
        }
      },
      ROUNDS * 20_000,
    );

    it('nothing of it is readable in a store or an output', async () => {
      expect(stage.seen.count('session id')).toBeGreaterThan(ROUNDS * HALF_LOGINS);
      expect(await stage.leaks()).toEqual([]);
      expect(await stage.keysWithoutExpiry()).toEqual([]);
    });
  });
