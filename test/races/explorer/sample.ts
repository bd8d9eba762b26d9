import type { Exploration, Explored, Violation } from './explore';
import { Run, type Choice } from './run';

/** How often an operation stops in favour of another one, and how often a fault strikes. Found by trial. */
const SWITCHES = 1 / 2;
const FAULTS = 1 / 20;

/** Goes through some of the orders, drawn by lot, and by the same lot each time. */
export async function sample(
  exploration: Exploration,
  howMany: number,
): Promise<Pick<Explored, 'runs' | 'violations'>> {
  const { stage, fates = ['lives', 'dies'], mostFaults = 1, isContent = false } = exploration;
  const draw = lots();
  const violations: Violation[] = [];
  let runs = 0;
  for (; runs < howMany; runs += 1) {
    if (isContent && violations.length > 0) break;
    await exploration.reset();
    const run = new Run(exploration.operations(), exploration.now, exploration.remembersDead);
    stage.begin(run);
    try {
      await run.start();
      let next: Choice | undefined;
      while ((next = drawn(run.choices(fates, mostFaults), next, draw))) await run.take(next);
    } finally {
      stage.end();
    }
    for (const what of await exploration.check(run)) violations.push({ what, order: run.order });
  }
  return { runs, violations };
}

function drawn(choices: readonly Choice[], last: Choice | undefined, draw: () => number): Choice | undefined {
  const goesOn = draw() > SWITCHES;
  const isStruck = draw() < FAULTS;
  const sameOperation = prefer(choices, ({ operation }) => (operation === last?.operation) === goesOn);
  const sameFate = prefer(sameOperation, ({ fate }) => (fate === 'lives') !== isStruck);
  return sameFate[Math.floor(draw() * sameFate.length)];
}

/** Those that are so, if there are any; else all. */
function prefer(choices: readonly Choice[], isSo: (choice: Choice) => boolean): readonly Choice[] {
  const such = choices.filter(isSo);
  return such.length > 0 ? such : choices;
}

/** Numbers from 0 to 1 that look like chance, the same ones each time (mulberry32). */
function lots(): () => number {
  let state = 99;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}
