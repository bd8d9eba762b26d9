import { toUserId } from '../../lib/account/user-id';
import { codeAt } from '../support/browser-agent';
import type { Answer } from '../support/http-client';
import { cancelUrl, letIn, ticketId, ticketUrl } from '../support/let-in';
import { enrol } from './flows';
import type { Person } from './people';
import { KEY, type Stage } from './stage';

const ROUNDS = process.env.TEST_LONG ? 30 : 5;

export const letsIn = (scene: () => Promise<Stage>): void =>
  describe('Access that is given again, at two processes', () => {
    let stage: Stage;
    beforeAll(async () => {
      stage = await scene();
    });

    /** Somebody whose request was approved, and has waited. */
    async function ready(): Promise<Person> {
      const person = await stage.people.add();
      await enrol(stage.browser(), stage.a, person);
      await letIn(stage.accounts, person.user.id, Date.now(), {}, KEY);
      return person;
    }

    const well = (answers: readonly Answer[]): Answer[] => answers.filter(({ status }) => status === 200);

    it(
      `is begun once by one link, completed once, or stopped, and never both, ${ROUNDS} rounds`,
      async () => {
        const { a, b } = stage;
        for (let round = 0; round < ROUNDS; round += 1) {
          const person = await ready();
          const { id } = person.user;
          const url = ticketUrl(id, ticketId, KEY);
          const browsers = [stage.browser(), stage.browser(), stage.browser(), stage.browser()];
          const used = await Promise.all(
            browsers.map((one, at) => one.post(at % 2 ? a : b, url, { password: person.password })),
          );
          expect(well(used)).toHaveLength(1);
          const browser = browsers[used.findIndex(({ status }) => status === 200)];
          if (!browser) throw new Error('nobody is in');

          const { body: begun } = await browser.get(b, '/2fa/security/totp');
          const code = codeAt(String(begun.secret), Date.now());
          const { body } = await browser.post(a, '/2fa/security/totp', { code });
          const [kept] = body.backupCodes as string[];
          const acknowledge = '/2fa/security/backup-codes/acknowledge';
          const [one, other, stopped] = await Promise.all([
            browser.copy().post(a, acknowledge, { code: kept }),
            browser.copy().post(b, acknowledge, { code: kept }),
            stage.browser().post(round % 2 ? a : b, cancelUrl(id, KEY)),
          ]);

          expect(well([one, other, stopped])).toHaveLength(1);
          const account = await stage.accounts.load(toUserId(id));
          const state = account?.recoveries?.[0]?.state ?? '';
          expect(state).toBe(stopped.status === 200 ? 'cancelled_by_owner' : 'completed');
          expect(account?.factors).toHaveLength(1);
          expect(account?.recoveredAt !== undefined).toBe(state === 'completed');
          // It is over for every process.
          for (const at of [a, b]) expect((await browser.get(at, '/2fa/enrol')).status).toBe(401);
        }
      },
      ROUNDS * 20_000,
    );
  });
