import { ExpiringMap } from '../../lib/stores/pending/expiring-map';
import { memoryPending } from '../../lib/stores/memory-pending';
import { pendingContract } from '../contracts/pending.contract';

pendingContract('memoryPending', async () => {
  let time = 1_700_000_000_000;
  return {
    pending: memoryPending({ now: () => time }),
    pass: async (ms) => {
      time += ms;
    },
    close: async () => undefined,
  };
});

describe('memoryPending', () => {
  it('keeps no timer that would hold the process open', async () => {
    const setTimeout = jest.spyOn(globalThis, 'setTimeout');
    const setInterval = jest.spyOn(globalThis, 'setInterval');
    const pending = memoryPending();
    await pending.tries.count('a', 1_000);
    await pending.setups.put('a', 'value', 1_000);
    expect(setTimeout).not.toHaveBeenCalled();
    expect(setInterval).not.toHaveBeenCalled();
    jest.restoreAllMocks();
  });
});

describe('the map behind memoryPending', () => {
  it('does not grow with entries that nobody asks for again', () => {
    let time = 0;
    const map = new ExpiringMap<number, string>(() => time);
    let largest = 0;
    for (let n = 0; n < 50_000; n += 1) {
      time += 1;
      map.set(n, 'value', 1_000);
      largest = Math.max(largest, map.size);
    }
    // 1 000 are alive at any time; the rest waits to be swept.
    expect(largest).toBeLessThan(2_500);
  });

  it('keeps every living entry while it sweeps', () => {
    let time = 0;
    const map = new ExpiringMap<number, string>(() => time);
    for (let n = 0; n < 1_000; n += 1) map.set(n, `value ${n}`, n % 2 === 0 ? 10 : 100_000);
    time = 50;
    for (let n = 1_000; n < 3_000; n += 1) map.set(n, 'new', 100_000);
    for (let n = 0; n < 1_000; n += 1) expect(map.get(n)).toBe(n % 2 === 0 ? null : `value ${n}`);
    expect(map.size).toBe(2_500);
  });
});
