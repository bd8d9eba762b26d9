import { setTimeout as pause } from 'node:timers/promises';
import type { Answer } from '../support/http-client';
import { share } from '../support/exhaustive';
import { until } from '../support/within';
import type { Stage } from './stage';
import { enrolment, outcomeOf, signingIn, type Step, type Telling } from './stories';

/** Two deadlines of 2.5 s can follow each other; the rest is what a busy machine adds. */
const HANG = 8_000;
const ROUNDS = process.env.TEST_LONG ? 15 : 1;
/** A request takes a few milliseconds; thirty at once take some dozens. */
const LATEST = 150;

export const struckMidway = (scene: () => Promise<Stage>): void =>
  describe('A store lost in the middle of a request', () => {
    let stage: Stage;
    beforeAll(async () => {
      stage = await scene();
    });

    interface Struck {
      readonly telling: Telling;
      readonly step: Step;
      readonly isNew: boolean;
    }

    async function comeTo(at: number, isNew: boolean): Promise<Struck> {
      const person = await (isNew ? stage.people.add() : stage.people.withApp());
      const telling = { stage, person, browser: stage.browser(), form: 'json' } as const;
      const steps = isNew ? enrolment(telling) : signingIn(telling);
      for (const { before, act: take, well } of steps.slice(0, at)) {
        await before?.();
        expect(outcomeOf(await take())).toBe(well.json);
      }
      const step = steps[at];
      if (!step) throw new Error('there is no such step');
      await step.before?.();
      return { telling, step, isNew };
    }

    const everybody = (): Promise<Struck[]> =>
      Promise.all([
        ...Array.from({ length: 6 }, (_, at) => comeTo(at, true)),
        ...Array.from({ length: 9 }, (_, at) => comeTo(at, false)),
      ]);

    async function act({ step }: Struck): Promise<Answer> {
      const start = performance.now();
      const answer = await step.act();
      const took = performance.now() - start;
      if (took > HANG) throw new Error(`${step.name} took ${took} ms`);
      return answer;
    }

    async function isBack(): Promise<boolean> {
      if (stage.redis.status !== 'ready') return false;
      const { telling } = await comeTo(0, true);
      return (await telling.browser.post(stage.a, '/login', telling.person.login)).status === 200;
    }

    const strikes = [
      {
        name: 'Redis killed',
        strike: async () => stage.redisServer.kill(),
        mend: async () => stage.redisServer.restart(),
      },
      {
        name: 'Redis frozen',
        strike: async () => stage.redisServer.freeze(),
        mend: async () => stage.redisServer.thaw(),
      },
      {
        name: 'MongoDB killed',
        strike: async () => stage.mongoServer.kill(),
        mend: async () => stage.mongoServer.restart(),
      },
      {
        name: 'MongoDB frozen',
        strike: async () => stage.mongoServer.freeze(),
        mend: async () => stage.mongoServer.thaw(),
      },
    ];

    it.each(share(strikes, ({ name }) => name === 'Redis frozen' || name === 'MongoDB killed'))(
      '$name: nothing is half written, nobody is let in, and everybody can begin anew',
      async ({ strike, mend }) => {
        for (let round = 0; round < ROUNDS; round += 1) {
          const struck = await everybody();
          const delay = Math.random() * LATEST;
          const acting = Promise.all(struck.map(act));
          await pause(delay);
          await strike();
          const answers = await acting;
          await mend();
          await until(20_000, 'the app to work again', isBack);
          answers.forEach((answer, at) => expectKnown(struck[at], answer));
          await Promise.all(struck.map((one) => expectWhole(one)));
          await Promise.all(struck.map((one) => beginAnew(one)));
        }
      },
      ROUNDS * 120_000,
    );

    function expectKnown(struck: Struck | undefined, answer: Answer): void {
      const outcomes = [struck?.step.well.json, struck?.step.gone.json, '503 unavailable', '503 busy'];
      expect([struck?.step.name, outcomes]).toEqual([
        struck?.step.name,
        expect.arrayContaining([outcomeOf(answer)]),
      ]);
    }

    /** Before or after, and never in between. */
    async function expectWhole({ telling, isNew, step }: Struck): Promise<void> {
      const { person, browser } = telling;
      const account = await stage.accountOf(person);
      const [apps, codes] = [account?.factors.length ?? 0, account?.backupCodes?.codes.length ?? 0];
      const whole = isNew ? ['0 and 0', '1 and 10'] : ['1 and 0'];
      expect([step.name, whole]).toEqual([step.name, expect.arrayContaining([`${apps} and ${codes}`])]);
      // Whoever owes the second factor and did not come past its step is not in.
      const me = await browser.get(stage.a, '/api/me');
      const isBeforeTheCode = !isNew && ['login post, owing', 'step page'].includes(step.name);
      const allowed = isBeforeTheCode ? [401] : [200, 401];
      expect([step.name, allowed]).toEqual([step.name, expect.arrayContaining([me.status])]);
      const { username } = person.user;
      expect(me.status === 200 ? me.body.username : username).toBe(username);
    }

    async function beginAnew({ telling }: Struck): Promise<void> {
      const again = { ...telling, browser: stage.browser() };
      const isOn = ((await stage.accountOf(telling.person))?.factors.length ?? 0) > 0;
      for (const { name, before, act: step, well } of isOn
        ? signingIn(again).slice(0, 3)
        : enrolment(again)) {
        await before?.();
        expect([name, outcomeOf(await step())]).toEqual([name, well.json]);
      }
    }

    it('nothing of it is readable in a store or an output', async () => {
      expect(await stage.leaks()).toEqual([]);
      expect(await stage.keysWithoutExpiry()).toEqual([]);
      expect(stage.a.output() + stage.b.output()).not.toMatch(/\n\s+at |rejected|not caught/);
    });
  });
