/** The time of the whole product: of the second factor, of the outbox, and of what its pages show. */
export interface Clock {
  /** ms since 1970. */
  readonly now: () => number;
  /** Moves it for all processes. There is no way back: what is stored would be in the future. */
  forward(ms: number): Promise<void>;
}

/** How far the demo is ahead of the real time, ms. */
export interface AheadStore {
  read(): Promise<number>;
  /** @returns how far it is then */
  add(ms: number): Promise<number>;
}

export function memoryAhead(): AheadStore {
  let ahead = 0;
  return {
    read: () => Promise.resolve(ahead),
    add: (ms) => {
      ahead += ms;
      return Promise.resolve(ahead);
    },
  };
}

/** How often a process looks whether another has moved the clock, ms. */
const POLL = 250;

/** The real time, and as much more as visitors have skipped. */
export class DemoClock implements Clock {
  private ahead = 0;
  private polling: NodeJS.Timeout | undefined;

  constructor(private readonly store: AheadStore) {}

  readonly now = (): number => Date.now() + this.ahead;

  async forward(ms: number): Promise<void> {
    this.moveTo(await this.store.add(ms));
    // A process that is behind takes what happens here for a mistake of its clock, so they all get to know first.
    if (this.polling) await new Promise((resolve) => setTimeout(resolve, 2 * POLL));
  }

  async refresh(): Promise<void> {
    this.moveTo(await this.store.read());
  }

  /** Follows what other processes do; while the store is away, the clock goes on as it was. */
  follow(): void {
    let isAsked = false;
    const ask = async (): Promise<void> => {
      if (isAsked) return;
      isAsked = true;
      await this.refresh().catch(() => undefined);
      isAsked = false;
    };
    this.polling = setInterval(() => void ask(), POLL).unref();
  }

  close(): void {
    clearInterval(this.polling);
  }

  private moveTo(ahead: number): void {
    this.ahead = Math.max(this.ahead, ahead);
  }
}
