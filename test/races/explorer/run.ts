import { createHash } from 'node:crypto';
import type { Call, Touch } from './stage';

export interface Operation {
  readonly name: string;
  /** What it does; what it returns is kept as its outcome. */
  readonly work: () => Promise<unknown>;
  /** It touches everything at once (a clock, a whole server): no step is independent of it. */
  readonly touchesAll?: boolean;
  /** It takes back the newest of what the others wrote: until then their order makes a difference by itself. */
  readonly mindsOrder?: boolean;
  /** It is no process that could die. */
  readonly isImmortal?: boolean;
}

/**
 * What becomes of an operation once its step is done: it goes on, it gets no turn any more, or it is told that
 * the call failed although it was carried out.
 */
export type Fate = 'lives' | 'dies' | 'unanswered';

/** Whose step is next, which of those it has waiting, which way it goes, and what becomes of it then. */
export interface Choice {
  readonly operation: number;
  readonly waiting: number;
  readonly touches: readonly Touch[];
  /** What it may change places with, without a trace: steps with other touches, any step, or none. */
  readonly swaps: 'by touches' | 'with any' | 'never';
  readonly way: number;
  readonly fate: Fate;
}

interface Waiting {
  readonly call: Call;
  go(way: number, fate: Fate): Promise<void>;
}

interface Actor {
  readonly operation: Operation;
  state: 'runs' | 'done' | 'died';
  waiting: Waiting[];
  /** Digest of all it was told so far. It has no other way to learn anything, so this is its whole state. */
  told: string;
  /** The same, had it died after its last step. */
  toldByDeath: string;
  outcome: unknown;
}

/** How many turns of the event loop without a sign of life mean that an operation waits for its next step. */
const QUIET_TURNS = 3;

/** One order of steps, as it is being gone through: operations that stop before each call to a store. */
export class Run {
  readonly order: string[] = [];
  /** The name of the operation whose code runs now; never two at once. */
  running: string | null = null;
  faults = 0;
  private readonly actors: Actor[];
  private signs = 0;
  private inFlight = 0;

  constructor(
    operations: readonly Operation[],
    private readonly now: () => number,
    /** Whether the steps of an operation that died are looked at in the end; otherwise it is as if they were forgotten. */
    readonly remembersDead = false,
  ) {
    this.actors = operations.map((operation) => ({
      operation,
      state: 'runs',
      waiting: [],
      told: '',
      toldByDeath: '',
      outcome: undefined,
    }));
  }

  async start(): Promise<void> {
    for (const actor of this.actors) {
      this.running = actor.operation.name;
      void actor.operation.work().then(
        (outcome) => this.finish(actor, outcome),
        (error: unknown) => this.finish(actor, error),
      );
      await this.settle(actor);
    }
    this.running = null;
  }

  step<T>({ ...call }: Call, work: (way: number) => Promise<T>): Promise<T> {
    const actor = this.actors.find(({ operation }) => operation.name === this.running);
    if (!actor) throw new Error(`${call.name} is called by none of the operations.`);
    this.signs += 1;
    return new Promise<T>((resolve, reject) => {
      actor.waiting.push({
        call,
        go: (way, fate) => this.carryOut(actor, call, () => work(way), fate, resolve, reject),
      });
    });
  }

  async aside<T>(work: () => Promise<T>): Promise<T> {
    this.inFlight += 1;
    try {
      return await work();
    } finally {
      this.inFlight -= 1;
      this.signs += 1;
    }
  }

  /** Every step that could be next. Of one that dies, the rest of its life is not looked at. */
  choices(fates: readonly Fate[], mostFaults: number): Choice[] {
    return this.actors.flatMap((_, operation) => this.choicesOf(operation, fates, mostFaults));
  }

  /**
   * The first operation all of whose waiting steps are `free`: nothing that another operation could still do
   * touches the same entries. What others do first then makes no difference, so only its own choices need
   * to be looked at here (a persistent set of one operation: Godefroid, 1996).
   */
  choicesAlone(
    isFree: (touch: Touch) => boolean,
    fates: readonly Fate[],
    mostFaults: number,
  ): Choice[] | null {
    const isRunning = ({ state, operation }: Actor) => state === 'runs' && operation.touchesAll;
    if (this.actors.some(isRunning)) return null;
    const alone = this.actors.findIndex(
      ({ state, waiting }) => state === 'runs' && waiting.every(({ call }) => call.touches.every(isFree)),
    );
    return alone === -1 ? null : this.choicesOf(alone, fates, mostFaults);
  }

  /** Whether an operation is still to come for which the order of what the others wrote makes a difference. */
  get isOrderMinded(): boolean {
    return this.actors.some(({ state, operation }) => state === 'runs' && operation.mindsOrder);
  }

  async take({ operation, waiting, way, fate }: Choice): Promise<void> {
    const actor = this.actors[operation];
    const step = actor?.waiting[waiting];
    if (!actor || !step) throw new Error(`No such step after: ${this.order.join('; ')}`);
    actor.waiting = actor.waiting.filter((one) => one !== step);
    const label = `${actor.operation.name}: ${step.call.name}`;
    this.order.push(
      (step.call.ways ? `${label} (${way})` : label) +
        (fate === 'dies' ? ' †' : fate === 'unanswered' ? ' (unanswered)' : ''),
    );
    if (fate !== 'lives') this.faults += 1;
    if (fate === 'dies') {
      actor.state = 'died';
      actor.waiting = [];
    }
    this.running = actor.operation.name;
    await step.go(way, fate);
    await this.settle(actor);
    this.running = null;
  }

  /** All that decides what can still happen, but for the stores. What the dead were told decides nothing. */
  state(remembersDead = this.remembersDead): string {
    const states = this.actors.map(({ state, told }) =>
      state === 'died' && !remembersDead ? [state] : [state, told],
    );
    return JSON.stringify([this.faults, states]);
  }

  /** What `state()` would be, had an operation died after the step that was just taken. */
  stateByDeathOf(operation: number): string {
    const states = this.actors.map(({ state, told, toldByDeath }, at) => {
      const seen = at === operation ? { state: 'died', told: toldByDeath } : { state, told };
      return seen.state === 'died' && !this.remembersDead ? [seen.state] : [seen.state, seen.told];
    });
    return JSON.stringify([this.faults + 1, states]);
  }

  /** Whether every operation is done or dead. */
  get isOver(): boolean {
    return this.actors.every(({ state }) => state !== 'runs');
  }

  has(state: Actor['state'], name: string): boolean {
    return this.actors.some((actor) => actor.state === state && actor.operation.name === name);
  }

  outcomeOf(name: string): unknown {
    return this.actors.find((actor) => actor.operation.name === name)?.outcome;
  }

  private choicesOf(operation: number, fates: readonly Fate[], mostFaults: number): Choice[] {
    const actor = this.actors[operation];
    if (actor?.state !== 'runs') return [];
    const isFaultless = this.faults >= mostFaults || actor.operation.isImmortal;
    return actor.waiting.flatMap(({ call }, waiting) =>
      Array.from({ length: call.ways?.() ?? 1 }, (_, way) =>
        fates
          .filter((fate) => fate === 'lives' || !isFaultless)
          .map((fate): Choice => ({
            operation,
            waiting,
            touches: call.touches,
            swaps: swapsOf(actor.operation, call, fate),
            way,
            fate,
          })),
      ).flat(),
    );
  }

  private async carryOut<T>(
    actor: Actor,
    { name }: Call,
    work: () => Promise<T>,
    fate: Fate,
    resolve: (value: T) => void,
    reject: (error: unknown) => void,
  ): Promise<void> {
    this.inFlight += 1;
    const value = await work();
    this.inFlight -= 1;
    this.signs += 1;
    const before = `${actor.told} ${this.now()} ${name}`;
    actor.toldByDeath = digestOf(`${before} ${JSON.stringify('dies')}`);
    actor.told = digestOf(`${before} ${JSON.stringify(fate === 'lives' ? value : fate) ?? ''}`);
    if (fate === 'lives') resolve(value);
    if (fate === 'unanswered') reject(new Error('no answer'));
  }

  private finish(actor: Actor, outcome: unknown): void {
    this.signs += 1;
    actor.state = 'done';
    actor.outcome = outcome;
  }

  private async settle(actor: Actor): Promise<void> {
    let quiet = 0;
    let seen = this.signs;
    while (quiet < QUIET_TURNS || this.inFlight > 0) {
      await new Promise<void>((resolve) => {
        setImmediate(resolve);
      });
      quiet = seen === this.signs ? quiet + 1 : 0;
      seen = this.signs;
    }
    if (actor.state === 'runs' && actor.waiting.length === 0) {
      throw new Error(
        `${actor.operation.name} waits for something that is no step, after: ${this.order.join('; ')}`,
      );
    }
  }
}

const digestOf = (text: string): string => createHash('sha1').update(text).digest('base64');

/** What is read by one who dies, or is never told, was not read by anybody. */
function swapsOf({ touchesAll }: Operation, { touches, refreshes }: Call, fate: Fate): Choice['swaps'] {
  if (touchesAll) return 'never';
  const isRead = touches.length > 0 && touches.every(([, how]) => how === 'read');
  return fate !== 'lives' && isRead && !refreshes ? 'with any' : 'by touches';
}
