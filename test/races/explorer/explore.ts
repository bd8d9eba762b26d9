import { createHash } from 'node:crypto';
import { Conflicts } from './conflicts';
import { countOrders, type Point } from './count-orders';
import { Run, type Choice, type Fate, type Operation } from './run';
import type { Stage } from './stage';

/** What is run against what, and what must hold whatever the order. */
export interface Exploration {
  readonly stage: Stage;
  /** Puts everything back to how it is before the first step. */
  reset(): Promise<void>;
  /** The state of all stores, as text. */
  state(): string;
  now(): number;
  operations(): readonly Operation[];
  /** What is wrong at this end; looked at once all operations are done or dead. */
  check(run: Run): Promise<readonly string[]>;
  /** Which faults a step can meet. Default: its operation lives, or dies after it. */
  readonly fates?: readonly Fate[];
  /** How many of them in one order. Default: 1. */
  readonly mostFaults?: number;
  /** Leaves out no order, not even of steps that don't touch each other; for tests of the explorer itself. */
  readonly isExhaustive?: boolean;
  /** Is content with the first violation. */
  readonly isContent?: boolean;
}

export interface Explored {
  /** How many orders there are, each death counted as one of its own; all of them were gone through or are equal to one that was. */
  readonly orders: bigint;
  readonly states: number;
  readonly runs: number;
  /** Digests of the states in which nothing is left to do. */
  readonly ends: ReadonlySet<string>;
  readonly violations: readonly Violation[];
}

export interface Violation {
  readonly what: string;
  readonly order: readonly string[];
}

interface Frame {
  readonly point: Point;
  readonly choices: readonly Choice[];
  at: number;
}

/** Few are enough to read; where one order is wrong, thousands are. */
const MOST_VIOLATIONS = 20;

/**
 * Goes through every order of the steps, by running the operations again and again, depth first. Two things
 * are left out, and both change no end that can be reached:
 * - what follows a state that was met before: stores and operations equal in every byte go on alike;
 * - orders that differ only in when an operation takes a step that no other one can notice (see `Conflicts`).
 */
export async function explore(exploration: Exploration): Promise<Explored> {
  const conflicts = new Conflicts();
  for (;;) {
    const explored = await exploreWith(exploration, conflicts);
    if (explored) return explored;
  }
}

/** Null when a step that was thought to be unnoticed turned out not to be: then all begins anew, knowing it. */
async function exploreWith(exploration: Exploration, conflicts: Conflicts): Promise<Explored | null> {
  const { fates = ['lives', 'dies'], mostFaults = 1, isExhaustive = false } = exploration;
  const points = new Map<string, Point>();
  const violations: Violation[] = [];
  const ends = new Set<string>();
  const path: Frame[] = [];
  let runs = 0;
  const link = (point: Point): void => {
    const last = path.at(-1);
    const choice = last?.choices[last.at];
    if (last && choice) last.point.next.push({ operation: choice.operation, point });
  };

  for (;;) {
    await exploration.reset();
    const run = new Run(exploration.operations(), exploration.now);
    exploration.stage.begin(run);
    await run.start();
    runs += 1;
    const take = async (choice: Choice): Promise<boolean> => {
      const isNews = conflicts.note(choice.operation, run.touchesOf(choice));
      await run.take(choice);
      return isNews;
    };
    for (const { choices, at } of path) {
      const choice = choices[at];
      if (choice && (await take(choice)) && !isExhaustive) return null;
    }

    for (;;) {
      const key = createHash('sha1').update(exploration.state()).update(run.state()).digest('base64');
      const known = points.get(key);
      const alone = isExhaustive ? null : run.choicesAlone(conflicts.isFree, fates, mostFaults);
      const point: Point = known ?? { isAlone: alone !== null, next: [] };
      link(point);
      if (known) break;
      points.set(key, point);
      const choices = alone ?? run.choices(fates, mostFaults);
      const [first] = choices;
      if (!first) {
        ends.add(key);
        exploration.stage.end();
        for (const what of await exploration.check(run)) violations.push({ what, order: run.order });
        break;
      }
      path.push({ point, choices, at: 0 });
      if ((await take(first)) && !isExhaustive) return null;
    }

    while (path.length > 0 && isSpent(path.at(-1))) path.pop();
    const last = path.at(-1);
    const isEnough = violations.length > (exploration.isContent ? 0 : MOST_VIOLATIONS);
    if (!last || isEnough) {
      exploration.stage.end();
      const [root] = points.values();
      const orders = last || !root ? 0n : countOrders(root);
      return { orders, states: points.size, runs, ends, violations };
    }
    last.at += 1;
  }
}

const isSpent = (frame: Frame | undefined): boolean =>
  frame !== undefined && frame.at + 1 >= frame.choices.length;
