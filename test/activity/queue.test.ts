import { FIRST_PAUSE, MOST_TRIES, MOST_WAITING, Queue } from '../../lib/activity/queue';
import type { ActivityEntry } from '../../lib/stores/activity';
import { userId } from '../contracts/accounts.contract';
import { anEntry } from '../contracts/activity.contract';

const ada = userId('ada');
const bob = userId('bob');
const entryOf = (user = ada): ActivityEntry => anEntry({ at: 0, userId: user });
const many = (count: number, user = ada): ActivityEntry[] =>
  Array.from({ length: count }, () => entryOf(user));

/** A queue whose store is up or down as the test says. */
function queue() {
  const written: ActivityEntry[] = [];
  const dropped: [number, string][] = [];
  const state: { write: (entry: ActivityEntry) => Promise<void>; tries: number } = {
    write: async (entry) => void written.push(entry),
    tries: 0,
  };
  const made = new Queue(
    (entry) => {
      state.tries += 1;
      return state.write(entry);
    },
    (count, user) => dropped.push([count, user]),
  );
  return { queue: made, written, dropped, state };
}

const down = () => Promise.reject(new Error('down'));
const turn = () => new Promise((resolve) => setImmediate(resolve));
/** Lets the next try begin and end. */
async function pass(ms: number): Promise<void> {
  await jest.advanceTimersByTimeAsync(ms);
  await turn();
  await turn();
}

describe('The queue of activity', () => {
  beforeEach(() => {
    jest.useFakeTimers({ doNotFake: ['setImmediate', 'nextTick', 'queueMicrotask', 'performance'] });
  });
  afterEach(() => {
    jest.useRealTimers();
  });

  it('writes nothing before the turn at hand is over, and everything after it', async () => {
    const { queue: made, written, state } = queue();
    const entries = many(100);
    for (const entry of entries) made.add(entry);
    await Promise.resolve();
    expect(state.tries).toBe(0);
    await made.settled(ada);
    expect(written).toEqual(entries);
  });

  it('makes nobody wait who has nothing in it', async () => {
    const { queue: made, state } = queue();
    state.write = () => new Promise(() => undefined);
    made.add(entryOf());
    await turn();
    await made.settled(bob);
    expect(state.tries).toBe(1);
  });

  it('tries again after a growing pause, and makes no reader wait for that', async () => {
    const { queue: made, written, dropped, state } = queue();
    state.write = down;
    const entry = entryOf();
    made.add(entry);
    await made.settled(ada);
    expect(state.tries).toBe(1);
    made.add(entryOf(bob));
    await pass(FIRST_PAUSE - 1);
    expect(state.tries).toBe(1);
    await pass(1);
    expect(state.tries).toBe(3);
    await pass(FIRST_PAUSE);
    expect(state.tries).toBe(3);
    state.write = async (one) => void written.push(one);
    await pass(FIRST_PAUSE);
    expect(written).toContain(entry);
    expect(written).toHaveLength(2);
    expect(dropped).toEqual([]);
  });

  it('is not held up by an entry that its store never takes, which is dropped in the end', async () => {
    const { queue: made, written, dropped, state } = queue();
    const odd = entryOf(bob);
    state.write = (entry) => (entry === odd ? down() : Promise.resolve(void written.push(entry)));
    made.add(odd);
    for (const entry of many(40)) made.add(entry);
    await made.settled(ada);
    expect(written).toHaveLength(40);
    for (let pause = 0; pause < MOST_TRIES; pause += 1) await pass(30_000);
    expect(dropped).toEqual([[1, 'bob']]);
    made.add(entryOf());
    await made.settled(ada);
    expect(written).toHaveLength(41);
  });

  it('holds only so many, drops the rest and says how many, once a round', async () => {
    const { queue: made, written, dropped, state } = queue();
    state.write = down;
    for (const entry of many(MOST_WAITING + 7)) made.add(entry);
    for (const entry of many(3, bob)) made.add(entry);
    expect(dropped).toEqual([]);
    await made.settled(ada);
    expect(dropped).toEqual([[10, 'bob']]);
    await pass(FIRST_PAUSE);
    expect(dropped).toEqual([[10, 'bob']]);
    state.write = async (entry) => void written.push(entry);
    await pass(30_000);
    await made.settled(ada);
    expect(written).toHaveLength(MOST_WAITING);
    expect(dropped).toEqual([[10, 'bob']]);
  });

  it('forgets a user, of whom nothing arrives later', async () => {
    const { queue: made, written, state } = queue();
    let open: (() => void) | undefined;
    state.write = (entry) =>
      new Promise((resolve, reject) => {
        open = () => {
          written.push(entry);
          reject(new Error('its outcome is unknown'));
        };
        if (entry.userId === bob) resolve(void written.push(entry));
      });
    made.add(entryOf(bob));
    made.add(entryOf());
    await turn();
    made.add(entryOf());
    const discarded = made.discard(ada);
    open?.();
    await discarded;
    const before = written.length;
    state.write = async (entry) => void written.push(entry);
    await pass(30_000);
    expect(written.slice(before)).toEqual([]);
    expect(written.map(({ userId: user }) => user).toSorted()).toEqual(['ada', 'bob']);
  });

  it('writes all it has when it is flushed, in a pause too, and what is given up is told', async () => {
    const { queue: made, written, dropped, state } = queue();
    state.write = down;
    for (const entry of many(20)) made.add(entry);
    await made.settled(ada);
    state.write = async (entry) => void written.push(entry);
    await made.flush();
    expect(written).toHaveLength(20);
    state.write = down;
    for (const entry of many(20)) made.add(entry);
    await made.flush();
    expect(dropped).toEqual([]);
    made.giveUp();
    expect(dropped).toEqual([[20, 'ada']]);
    expect(jest.getTimerCount()).toBe(0);
  });
});
