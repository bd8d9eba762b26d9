import { createHash } from 'node:crypto';
import { Conflicts } from './conflicts';
import { countOrders } from './count-orders';
import { isSame, whereTo, type Point } from './point';
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
  /** The check looks at the steps of operations that died, not only at what they left in the stores. */
  readonly remembersDead?: boolean;
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
  choices: readonly Choice[];
  /** Whether steps that touch nothing in common may change places without a trace. */
  readonly maySwap: boolean;
  at: number;
}

/** How many steps are looked back on for another order of them; more find hardly any. */
const FAR_BACK = 6;

/** Few are enough to read; where one order is wrong, thousands are. */
const MOST_VIOLATIONS = 20;

/**
 * Goes through every order of the steps, by running the operations again and again, depth first. Four things
 * are left out, and none changes an end that can be reached:
 * - what follows a state that was met before: stores and operations equal in every byte go on alike, whatever those that
 *   died had read before;
 * - running a death that leads to such a state: the stores are then as after the same step of one who lives;
 * - orders that differ only in when an operation takes a step that no other one can notice (see `Conflicts`);
 * - running two steps that touch nothing in common in both orders, only to meet the same state again.
 */
export async function explore(exploration: Exploration): Promise<Explored> {
  const conflicts = new Conflicts();
  for (;;) {
    const explored = await new Walk(exploration, conflicts).all();
    if (explored) return explored;
  }
}

class Walk {
  private readonly points = new Map<string, Point>();
  private readonly path: Frame[] = [];
  private readonly violations: Violation[] = [];
  private readonly ends = new Set<string>();
  private readonly fates: readonly Fate[];
  private readonly mostFaults: number;
  private runs = 0;

  constructor(
    private readonly exploration: Exploration,
    private readonly conflicts: Conflicts,
  ) {
    this.fates = exploration.fates ?? ['lives', 'dies'];
    this.mostFaults = exploration.mostFaults ?? 1;
  }

  /** @returns null when a step that was thought to be unnoticed turned out not to be: then all begins anew, knowing it */
  async all(): Promise<Explored | null> {
    do {
      if (!(await this.once())) return null;
    } while (this.turn());
    const { points, runs, ends, violations } = this;
    const [root] = points.values();
    const orders = this.path.length > 0 || !root ? 0n : countOrders(root);
    return { orders, states: points.size, runs, ends, violations };
  }

  /** One run: along the path that is laid out, then on, until nothing is left to do or a known state is met. */
  private async once(): Promise<boolean> {
    const { exploration } = this;
    await exploration.reset();
    const run = new Run(exploration.operations(), exploration.now, exploration.remembersDead);
    this.runs += 1;
    exploration.stage.begin(run);
    try {
      await run.start();
      for (const frame of this.path) if (!(await this.take(run, frame.choices[frame.at]))) return false;
      for (let next = this.arrive(run); next; next = this.arrive(run)) {
        if (!(await this.take(run, next))) return false;
      }
    } finally {
      exploration.stage.end();
    }
    if (run.isOver) await this.look(run);
    return true;
  }

  private async take(run: Run, choice: Choice | undefined): Promise<boolean> {
    if (!choice) throw new Error('a path without a choice');
    const isNews = this.conflicts.note(choice.operation, choice.touches);
    await run.take(choice);
    return !isNews || this.exploration.isExhaustive === true;
  }

  /** Notes where a run has come to. @returns what comes next, null where nothing does or all that does is known */
  private arrive(run: Run): Choice | null {
    const stores = this.exploration.state();
    const key = digestOf(stores, run.state(this.exploration.isExhaustive));
    const known = this.points.get(key);
    const alone = this.exploration.isExhaustive
      ? null
      : run.choicesAlone(this.conflicts.isFree, this.fates, this.mostFaults);
    const point = known ?? { isAlone: alone !== null, next: [] };
    const last = this.path.at(-1);
    const taken = last?.choices[last.at];
    if (last && taken) {
      last.point.next.push({ choice: taken, point });
      this.foreseeDeath(run, stores, last, taken);
    }
    if (known) return null;

    this.points.set(key, point);
    const choices = (alone ?? run.choices(this.fates, this.mostFaults)).filter((choice) => {
      const met = this.foresee(choice);
      if (met) point.next.push({ choice, point: met });
      return !met;
    });
    const [first] = choices;
    if (!first) return null;
    const maySwap = !this.exploration.isExhaustive && !run.isOrderMinded;
    this.path.push({ point, choices, maySwap, at: 0 });
    return first;
  }

  /** The known state that a choice at the end of the path leads to, where that can be told without a run. */
  private foresee(choice: Choice): Point | undefined {
    const steps = [choice];
    for (const { point, choices, at, maySwap } of this.path.slice(-FAR_BACK).toReversed()) {
      const taken = choices[at];
      if (!taken || !maySwap) return undefined;
      steps.unshift(taken);
      const met = whereTo(point, steps);
      if (met) return met;
    }
    return undefined;
  }

  /** Leaves out the death after the step that was just taken, if it leads to a known state. */
  private foreseeDeath(run: Run, stores: string, frame: Frame, taken: Choice): void {
    if (this.exploration.isExhaustive || taken.fate !== 'lives') return;
    const death = frame.choices.find((choice) => isSame(choice, { ...taken, fate: 'dies' }));
    const met = death && this.points.get(digestOf(stores, run.stateByDeathOf(taken.operation)));
    if (!met) return;
    frame.point.next.push({ choice: death, point: met });
    frame.choices = frame.choices.filter((choice) => choice !== death);
  }

  private async look(run: Run): Promise<void> {
    this.ends.add(digestOf(this.exploration.state(), run.state()));
    for (const what of await this.exploration.check(run)) this.violations.push({ what, order: run.order });
  }

  /** Back to the last place where something else could have been next. @returns whether there is one */
  private turn(): boolean {
    if (this.runs >= Number(process.env.RACE_CAP ?? Infinity)) return false;
    if (this.violations.length > (this.exploration.isContent ? 0 : MOST_VIOLATIONS)) return false;
    while (this.path.length > 0 && isSpent(this.path.at(-1))) this.path.pop();
    const last = this.path.at(-1);
    if (last) last.at += 1;
    return last !== undefined;
  }
}

const digestOf = (stores: string, run: string): string =>
  createHash('sha1').update(stores).update(run).digest('base64');

const isSpent = (frame: Frame | undefined): boolean =>
  frame !== undefined && frame.at + 1 >= frame.choices.length;
