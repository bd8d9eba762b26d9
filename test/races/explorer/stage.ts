import { createHash } from 'node:crypto';
import type { Run } from './run';

/** What a step does with one entry of a store. Two `read`s, or two `add`s, may change places without a trace. */
export type Touch = readonly [key: string, how: 'read' | 'add' | 'write'];

/** One call to a store. */
export interface Call {
  readonly name: string;
  readonly touches: readonly Touch[];
  /** It only reads, and still sets something, to what any other reader of it sets it to. */
  readonly refreshes?: boolean;
  /** In how many ways it can go; the explorer goes through all. Default: one. */
  readonly ways?: () => number;
}

/** Where every call to a store goes: straight through, or, while a run is on, as a step that waits for its turn. */
export class Stage {
  private run: Run | null = null;
  private readonly drawn = new Map<string, number>();

  begin(run: Run): void {
    this.run = run;
    this.drawn.clear();
  }

  /** From here on calls go straight through: for looking at how a run ended. */
  end(): void {
    this.run = null;
  }

  call<T>(call: Call, work: (way: number) => Promise<T>): Promise<T> {
    return this.run ? this.run.step(call, work) : work(0);
  }

  /** What this process does in a thread of its own, such as a signature check: no step, but waited for. */
  aside<T>(work: () => Promise<T>): Promise<T> {
    return this.run ? this.run.aside(work) : work();
  }

  /**
   * Bytes that depend on who draws and how often they drew, and on nothing else. So two orders that differ
   * only in steps that do not touch each other lead to the very same state.
   */
  randomBytes(size: number): Buffer {
    const who = this.who();
    const count = (this.drawn.get(who) ?? 0) + 1;
    this.drawn.set(who, count);
    return createHash('sha512').update(`${who} ${count}`).digest().subarray(0, size);
  }

  sessionId(): string {
    return `${this.who()} ${this.randomBytes(9).toString('base64url')}`;
  }

  private who(): string {
    return this.run?.running ?? 'nobody';
  }
}
