import type { Account } from '../../lib/account/account';
import type { Answer } from '../support/http-client';
import { share } from '../support/exhaustive';
import { until } from '../support/within';
import type { Person } from './people';
import type { Stage } from './stage';
import { enrolment, outcomeOf, signingIn, type Form, type Step, type Telling } from './stories';

/** Two deadlines of 2.5 s can follow each other; the rest is what a busy machine adds. */
const HANG = 6_000;
const LIMIT = 120_000;

/** All that decides anything. Notices of what was done before may be sent, and noted as sent, at any time. */
function ruled(account: Account | null): string | undefined {
  if (!account) return undefined;
  const { epoch, factors, backupCodes, preferred, lanes, browsers } = account;
  return JSON.stringify({ epoch, factors, backupCodes, preferred, lanes, browsers });
}

export const outages = (scene: () => Promise<Stage>): void =>
  describe('At each step of the story', () => {
    let stage: Stage;
    beforeAll(async () => {
      stage = await scene();
    });

    /** A person who has come up to a step, and what is left to do. */
    interface Waiting {
      readonly telling: Telling;
      readonly step: Step;
      readonly rest: readonly Step[];
      /** What the account says of the second factor. */
      readonly before: string | undefined;
    }

    const newcomer = () => stage.people.add();
    const enrolled = () => stage.people.withApp();

    /** One person before each step of each story, some with a browser's pages and some with scripts. */
    async function everybodyWaiting(): Promise<Waiting[]> {
      const groups = (['json', 'html'] as const).flatMap((form) => [
        eachStep(form, enrolment, newcomer),
        eachStep(form, signingIn, enrolled),
      ]);
      return (await Promise.all(groups)).flat();
    }

    async function eachStep(
      form: Form,
      tell: (telling: Telling) => Step[],
      make: () => Promise<Person>,
    ): Promise<Waiting[]> {
      const comeTo = async (at: number): Promise<Waiting> => {
        const telling = { stage, person: await make(), browser: stage.browser(), form };
        const steps = tell(telling);
        await goOn(steps.slice(0, at), form);
        const [step, ...rest] = steps.slice(at);
        if (!step) throw new Error('there is no such step');
        await step.before?.();
        return { telling, step, rest, before: ruled(await stage.accountOf(telling.person)) };
      };
      const first = await comeTo(0);
      return [first, ...(await Promise.all(first.rest.map((_, at) => comeTo(at + 1))))];
    }

    async function goOn(steps: readonly Step[], form: Form): Promise<void> {
      for (const { name, before, act, well } of steps) {
        await before?.();
        expect([name, outcomeOf(await act())]).toEqual([name, well[form]]);
      }
    }

    /** Everybody takes the step at the same time. */
    function actAtOnce(waiting: readonly Waiting[]): Promise<Answer[]> {
      return Promise.all(
        waiting.map(async ({ step }) => {
          const start = performance.now();
          const answer = await step.act();
          const took = performance.now() - start;
          if (took > HANG) throw new Error(`${step.name} took ${took} ms`);
          return answer;
        }),
      );
    }

    async function isBack(): Promise<boolean> {
      if (stage.redis.status !== 'ready') return false;
      const telling = { stage, person: await newcomer(), browser: stage.browser(), form: 'json' } as const;
      const [login, gated] = enrolment(telling);
      return (await login?.act())?.status === 200 && (await gated?.act())?.status === 200;
    }

    async function expectAlive(): Promise<void> {
      for (const app of [stage.a, stage.b]) {
        expect((await stage.browser().page(app, '/')).status).toBe(200);
        expect(() => process.kill(app.pid, 0)).not.toThrow();
      }
    }

    const outagesOfStores = [
      {
        name: 'Redis killed',
        begin: async () => stage.redisServer.kill(),
        end: async () => stage.redisServer.restart(),
      },
      {
        name: 'Redis frozen',
        begin: async () => stage.redisServer.freeze(),
        end: async () => stage.redisServer.thaw(),
      },
      {
        name: 'MongoDB killed',
        begin: async () => stage.mongoServer.kill(),
        end: async () => stage.mongoServer.restart(),
      },
      {
        name: 'MongoDB frozen',
        begin: async () => stage.mongoServer.freeze(),
        end: async () => stage.mongoServer.thaw(),
      },
    ];

    // Each of the four has its turn in the usual run: the others in the middle of a request (struck.ts).
    it.each(share(outagesOfStores, ({ name }) => name === 'Redis killed' || name === 'MongoDB frozen'))(
      '$name: 503, nothing written, and then it goes on as if nothing had been',
      async ({ begin, end }) => {
        const waiting = await everybodyWaiting();
        await begin();
        const answers = await actAtOnce(waiting);
        await expectAlive();
        await end();
        answers.forEach((answer, at) => expectUnavailable(waiting[at], answer));
        await until(20_000, 'the app to work again', isBack);
        for (const { telling, step, before } of waiting)
          expect([step.name, ruled(await stage.accountOf(telling.person))]).toEqual([step.name, before]);
        await Promise.all(waiting.map(({ step, rest, telling }) => goOn([step, ...rest], telling.form)));
      },
      LIMIT,
    );

    function expectUnavailable(waiting: Waiting | undefined, answer: Answer): void {
      const { name } = waiting?.step ?? {};
      const { status, headers, body, text } = answer;
      expect([name, status]).toEqual([name, 503]);
      expect(headers['retry-after']).toMatch(/^[1-9]\d*$/);
      expect(text).not.toMatch(/node_modules|SecondFactorError|StoreUnavailable|127\.0\.0\.1|\n\s+at /);
      const isPage = waiting?.telling.form === 'html';
      const retryAfter = Number(headers['retry-after']);
      const json = { error: { code: 'unavailable', message: expect.any(String), retryAfter } };
      const page = [expect.stringMatching(/^text\/html/), true];
      const right: unknown = isPage ? page : json;
      expect(isPage ? [headers['content-type'], text.includes('<h1')] : body).toEqual(right);
    }

    const losses = [
      { name: 'Redis emptied', wipe: () => stage.redis.flushall() },
      { name: 'the half of Redis that is not sessions emptied', wipe: () => empty('webadmin:2fa:*') },
      { name: 'the sessions emptied', wipe: () => empty('webadmin:session:*') },
      { name: 'MongoDB emptied', wipe: () => stage.connection.dropDatabase() },
    ];

    it.each(share(losses, ({ name }) => name === 'Redis emptied' || name === 'MongoDB emptied'))(
      '$name: nobody is in, nothing else is lost, and signing in again works',
      async ({ name, wipe }) => {
        const waiting = await everybodyWaiting();
        await wipe();
        const answers = await actAtOnce(waiting);
        await expectAlive();
        const isLost = name === 'MongoDB emptied';
        answers.forEach((answer, at) => expectGone(waiting[at], answer, isLost));
        if (isLost) for (const { telling } of waiting) await stage.people.restore(telling.person);
        await Promise.all(waiting.map((one) => signInAgain(one, isLost)));
      },
      LIMIT,
    );

    async function empty(pattern: string): Promise<void> {
      const keys = await stage.redis.keys(pattern);
      if (keys.length > 0) await stage.redis.del(keys);
    }

    /** A login needs no session, and without MongoDB there are no users. */
    function expectGone(waiting: Waiting | undefined, answer: Answer, isLost: boolean): void {
      if (!waiting) throw new Error('nobody waited for this answer');
      const { step, telling } = waiting;
      const isLogin = step.name.startsWith('login post');
      const expected = isLogin && !isLost ? step.well : step.gone;
      expect([step.name, telling.form, outcomeOf(answer)]).toEqual([
        step.name,
        telling.form,
        expected[telling.form],
      ]);
      expect(answer.text).not.toMatch(/node_modules|\n\s+at /);
    }

    async function signInAgain({ telling, step, before }: Waiting, isLost: boolean): Promise<void> {
      const account = await stage.accountOf(telling.person);
      expect([step.name, ruled(account)]).toEqual([step.name, isLost ? undefined : before]);
      const again = { ...telling, browser: stage.browser() };
      const isOn = (account?.factors.length ?? 0) > 0;
      await goOn(isOn ? signingIn(again).slice(0, 3) : enrolment(again), telling.form);
    }

    it('nothing was printed or stored that gives a secret away, and no error was unforeseen', async () => {
      expect(await stage.leaks()).toEqual([]);
      expect(await stage.keysWithoutExpiry()).toEqual([]);
      expect(stage.a.output() + stage.b.output()).not.toMatch(/\n\s+at |rejected|not caught/);
    });
  });
