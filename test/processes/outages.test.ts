import { performance } from 'node:perf_hooks';
import type { Answer } from '../support/http-client';
import { describeIf } from '../support/needs';
import { until } from '../support/within';
import type { Person } from './people';
import { openStage, type Stage } from './stage';
import { enrolment, outcomeOf, signingIn, type Form, type Step, type Telling } from './stories';

/** Two deadlines of 2.5 s can follow each other; the rest is what a busy machine adds. */
const HANG = 6_000;

describeIf(['redis', 'mongo-server'], 'At each step of the story', () => {
  let stage: Stage;
  beforeAll(async () => {
    stage = await openStage();
  }, 120_000);
  afterAll(() => stage.close());

  /** A person who has come up to a step, and what is left to do. */
  interface Waiting {
    readonly telling: Telling;
    readonly step: Step;
    readonly rest: readonly Step[];
    readonly rev: string | undefined;
  }

  const stories = [
    { tell: enrolment, make: () => stage.people.add() },
    { tell: signingIn, make: () => stage.people.withApp() },
  ];

  async function goOn(steps: readonly Step[], form: Form): Promise<void> {
    for (const { name, before, act, well } of steps) {
      await before?.();
      expect([name, outcomeOf(await act())]).toEqual([name, well[form]]);
    }
  }

  /** One person before each step of each story, some with a browser's pages and some with scripts. */
  async function everybodyWaiting(): Promise<Waiting[]> {
    const waiting: Promise<Waiting>[] = [];
    for (const { tell, make } of stories) {
      const steps = tell({} as Telling).length;
      for (const form of ['json', 'html'] as const) {
        for (let at = 0; at < steps; at += 1) waiting.push(comeTo(at, form, tell, make));
      }
    }
    return Promise.all(waiting);
  }

  async function comeTo(
    at: number,
    form: Form,
    tell: (telling: Telling) => Step[],
    make: () => Promise<Person>,
  ): Promise<Waiting> {
    const telling = { stage, person: await make(), browser: stage.browser(), form };
    const steps = tell(telling);
    await goOn(steps.slice(0, at), form);
    const [step, ...rest] = steps.slice(at);
    if (!step) throw new Error('there is no such step');
    await step.before?.();
    return { telling, step, rest, rev: (await stage.accountOf(telling.person))?.rev };
  }
});
