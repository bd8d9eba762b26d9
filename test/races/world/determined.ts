import crypto from 'node:crypto';
import { pool } from '../../../lib/crypto/random';
import type { World } from './world';

/** What the check of a key's signature has done in other threads. */
const inThreads = ['digest', 'importKey', 'verify'] as const;

/** Time and chance, made to depend on nothing but the world. Restores both when `work` is done. */
export async function determined<T>(world: World, work: () => Promise<T>): Promise<T> {
  const real = {
    randomBytes: crypto.randomBytes,
    randomInt: crypto.randomInt,
    draw: pool.draw,
    setTimeout: globalThis.setTimeout,
    now: Date.now,
    elapsed: performance.now,
  };
  const randomBytes = (size: number) => world.stage.randomBytes(size);
  const randomInt = (...[from, below]: [number, number?]): number => {
    const [least, most] = below === undefined ? [0, from] : [from, below];
    return least + (randomBytes(6).readUIntBE(0, 6) % (most - least));
  };
  const soon = (call: () => void, ms = 0) => {
    // A pause between two attempts is over at once; a deadline never comes.
    if (ms < 1000) setImmediate(call);
  };
  crypto.randomBytes = randomBytes as typeof crypto.randomBytes;
  crypto.randomInt = randomInt as typeof crypto.randomInt;
  pool.draw = randomBytes;
  globalThis.setTimeout = soon as typeof globalThis.setTimeout;
  Date.now = () => world.clock.now();
  // No order of steps may run out of time.
  performance.now = () => 0;
  const { subtle } = globalThis.crypto;
  for (const name of inThreads) {
    const inThread = subtle[name].bind(subtle) as (...given: unknown[]) => Promise<unknown>;
    const waitedFor = (...given: unknown[]) => world.stage.aside(() => inThread(...given));
    Object.defineProperty(subtle, name, { value: waitedFor, configurable: true });
  }
  try {
    return await work();
  } finally {
    for (const name of inThreads) Reflect.deleteProperty(subtle, name);
    Object.assign(crypto, { randomBytes: real.randomBytes, randomInt: real.randomInt });
    pool.draw = real.draw;
    Object.assign(globalThis, { setTimeout: real.setTimeout });
    Date.now = real.now;
    performance.now = real.elapsed;
  }
}
