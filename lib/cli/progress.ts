import type { Io } from './io';

/** ms between two lines. */
const PAUSE = 100;

const WIDTH = 30;

/** How far it is: `[######------]  20 of 40`. */
export function bar(done: number, all: number): string {
  const full = Math.floor((done / all) * WIDTH);
  return `[${'#'.repeat(full)}${'-'.repeat(WIDTH - full)}]  ${done} of ${all}`;
}

/** A line that is written over and over, where somebody is looking. */
export class Progress {
  private last = -Infinity;
  private isShown = false;

  constructor(private readonly err: Io['err']) {}

  show(line: string): void {
    const now = performance.now();
    if (!this.err.isTTY || now - this.last < PAUSE) return;
    this.last = now;
    this.isShown = true;
    this.err.write(`\r\u001B[K${line}`);
  }

  end(): void {
    if (this.isShown) this.err.write('\r\u001B[K');
    this.isShown = false;
  }
}
