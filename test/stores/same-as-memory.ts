import fc from 'fast-check';
import { countTryOfCode } from '../../lib/core/login-tries';
import type { Budget, Pending, UserKey } from '../../lib/stores/contracts';
import {
  aBudget,
  aCode,
  aLogin,
  loginKey,
  readLogin,
  type PendingSubject,
} from '../contracts/pending.contract';

type Call = (pending: Pending) => Promise<unknown>;
type Step = { label: string } & ({ call: Call } | { pass: number });

/** No sum of these is nearer to one of the lives (15, 45, 60, 120 s) than a second. */
const PAUSE = 7_000;
const LIVES = [15_000, 45_000];

const USERS = ['user-a' as UserKey, 'user-b' as UserKey] as const;
/** A session is one user's. */
const login = fc
  .integer({ min: 1, max: 4 })
  .map((n) => [loginKey(n), n % 2 === 0 ? USERS[0] : USERS[1]] as const);
const key = login.map(([at]) => at);
const user = fc.constantFrom(...USERS);
const id = fc.constantFrom('x', 'y');
const life = fc.constantFrom(...LIVES);
const epoch = fc.integer({ min: 0, max: 12 });
const state = fc.constantFrom('owed' as const, 'passed' as const, 'exempt' as const);
const since = fc.integer({ min: 1, max: 9 });
const orNull = <T>(value: fc.Arbitrary<T>): fc.Arbitrary<T | null> => fc.option(value, { nil: null });

const write = fc
  .tuple(login, state, since, life, orNull(key))
  .map(([[at, of], kind, time, lives, old]) =>
    step(`write ${at} ${kind} ${time} of ${of} for ${lives} over ${old}`, (pending) =>
      pending.logins.write(at, aLogin({ state: kind, since: time }), of, lives, old),
    ),
  );
const read = fc
  .tuple(key, orNull(user), orNull(life), fc.constantFrom(undefined, 0, 60_000))
  .map(([at, of, to, used]) =>
    step(`read ${at} of ${of} to ${to}, used at ${used}`, (pending) => readLogin(pending, at, of, to, used)),
  );
const ofLogin = key.chain((at) =>
  fc.constantFrom(
    step(`has ${at}`, (pending) => pending.logins.has(at)),
    step(`remove ${at}`, (pending) => pending.logins.remove(at)),
  ),
);
const ofUser = fc.tuple(user, epoch).chain(([of, n]) =>
  fc.constantFrom(
    step(
      `list ${of}`,
      async (pending) => new Set((await pending.logins.list(of)).map((each) => JSON.stringify(each))),
    ),
    step(`raise ${of} to ${n}`, (pending) => pending.epochs.raise(of, n)),
    step(`raise ${of} to ${n}`, (pending) => pending.epochs.raise(of, n)),
    step(`suspend ${of}`, (pending) => pending.epochs.suspend(of)),
    step(`epoch of ${of}`, (pending) => pending.epochs.read(of)),
  ),
);
const ofId = fc.tuple(id, life, fc.string()).chain(([of, lives, value]) =>
  fc.constantFrom(
    step(`count ${of} for ${lives}`, (pending) => pending.tries.count(of, lives)),
    step(`return ${of} for ${lives}`, (pending) => pending.tries.takeBack(of, lives)),
    step(`tries of ${of}`, async (pending) => (await pending.tries.read(of)).count),
    step(`put ${of} ${value} for ${lives}`, (pending) => pending.setups.put(of, value, lives)),
    step(`set-up ${of}`, (pending) => pending.setups.get(of)),
    step(`remove set-up ${of}`, (pending) => pending.setups.remove(of)),
  ),
);
const ofCode = fc
  .tuple(id, life, fc.integer({ min: 1, max: 4 }), fc.constantFrom('d1', 'd2'))
  .chain(([of, lives, issuedAt, digest]) => {
    const code = aCode({ issuedAt, digest });
    return fc.constantFrom(
      step(`send ${issuedAt} ${digest} to ${of} for ${lives}`, (pending) =>
        pending.codes.put(of, code, lives),
      ),
      step(`unsend ${issuedAt} ${digest} to ${of}`, (pending) => pending.codes.remove(of, code)),
      step(`codes of ${of}`, (pending) => pending.codes.read(of)),
      step(`try a code of ${of}`, (pending) => countTryOfCode(pending, 'x', lives, of)),
    );
  });
const budgets = fc.uniqueArray(
  fc
    .tuple(fc.constantFrom('user', 'ip'), id, fc.constantFrom(1, 2, 3), life)
    .map(([name, of, points, ms]) => aBudget({ name, id: of, points, ms })),
  { selector: ({ name }) => name, minLength: 1 },
);
const ofBudgets = budgets.chain((of) => {
  const label = of.map((each) => Object.values(each).join(' ')).join(', ');
  return fc.constantFrom(
    step(`take from ${label}`, (pending) => takenFrom(pending, of)),
    step(`take from ${label}`, (pending) => takenFrom(pending, of)),
    step(`give back to ${label}`, (pending) => pending.budgets.giveBack(of)),
  );
});
const pass: fc.Arbitrary<Step> = fc
  .integer({ min: 1, max: 3 })
  .map((times) => ({ label: `pass ${times} × 7 s`, pass: times * PAUSE }));

/** Random calls, made to both stores: each answer must be the same. */
export async function sameAsMemory(
  open: () => PendingSubject,
  memory: (options: { now: () => number }) => Pending,
): Promise<void> {
  const steps = fc.array(fc.oneof(write, read, ofLogin, ofUser, ofId, ofCode, ofBudgets, pass), {
    minLength: 10,
    maxLength: 60,
  });
  await fc.assert(
    fc.asyncProperty(steps, async (all) => {
      let passed = 0;
      // Real time passes for both, however slow the machine is.
      const model = memory({ now: () => Date.now() + passed });
      const subject = open();
      try {
        for (const each of all) {
          if ('pass' in each) {
            passed += each.pass;
            await subject.pass(each.pass);
          } else {
            const [expected, got] = await Promise.all([each.call(model), each.call(subject.pending)]);
            expect({ [each.label]: got }).toEqual({ [each.label]: expected });
          }
        }
      } finally {
        await subject.close();
      }
    }),
    { numRuns: process.env.TEST_LONG ? 500 : 60 },
  );
}

/**
 * How long to wait is told to the millisecond, and the two clocks are not that equal: of two budgets that were first
 * taken from at one time, either may be the longer.
 */
async function takenFrom(pending: Pending, from: readonly Budget[]): Promise<unknown> {
  const taken = await pending.budgets.take(from);
  return taken.ok ? 'ok' : Math.round(taken.waitMs / (PAUSE / 2));
}

function step(label: string, call: Call): Step {
  return { label, call };
}
