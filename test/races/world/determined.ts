import crypto from 'node:crypto';
import type { World } from './world';

/** Time and chance, made to depend on nothing but the world. Restores both when `work` is done. */
export async function determined<T>(world: World, work: () => Promise<T>): Promise<T> {
  const real = {
    randomBytes: crypto.randomBytes,
    setTimeout: globalThis.setTimeout,
    now: Date.now,
    elapsed: performance.now,
  };
  const randomBytes = (size: number) => world.stage.randomBytes(size);
  const soon = (call: () => void, ms = 0) => {
    // A pause between two attempts is over at once; a deadline never comes.
    if (ms < 1000) setImmediate(call);
  };
  crypto.randomBytes = randomBytes as typeof crypto.randomBytes;
  globalThis.setTimeout = soon as typeof globalThis.setTimeout;
  Date.now = () => world.clock.now();
  // No order of steps may run out of time.
  performance.now = () => 0;
  try {
    return await work();
  } finally {
    Object.assign(crypto, { randomBytes: real.randomBytes });
    Object.assign(globalThis, { setTimeout: real.setTimeout });
    Date.now = real.now;
    performance.now = real.elapsed;
  }
}
