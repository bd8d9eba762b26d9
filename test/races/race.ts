import { isExhaustive } from '../support/exhaustive';
import { explore, type Exploration, type Explored } from './explorer/explore';
import type { Operation } from './explorer/run';
import { sample } from './explorer/sample';
import { End } from './world/end';
import { determined } from './world/determined';
import { World, type WorldOptions } from './world/world';

export type Work = () => Promise<unknown>;

type Faults = readonly (string | false | null)[];

export interface Race<Start> extends Pick<
  Exploration,
  'fates' | 'mostFaults' | 'remembersDead' | 'isExhaustive' | 'isContent'
> {
  readonly world?: WorldOptions;
  /** The app sends codes by mail. */
  readonly mails?: true;
  /** It has security keys. */
  readonly keys?: true;
  /** And they sign in alone. */
  readonly passkeys?: true;
  /** What happened before: one order, once. */
  before(world: World): Promise<Start>;
  /** What happens at once, by name. */
  operations(start: Start, world: World): { readonly [name: string]: Work | Operation };
  /** What is wrong with an end, besides what is wrong with any (see `End.faults`). */
  check(end: End, start: NoInfer<Start>, world: World): Faults | Promise<Faults>;
  /** Redis may lose a `?`: then an old login may live for 60 s. */
  readonly mayBeStale?: boolean;
}

/** The same with more operations and more deaths; what does not fit into a minute. */
export const isLong = process.env.TEST_LONG === '1';

// Going through all orders takes what it takes; a slow machine is no failure.
jest.setTimeout(20 * 60_000);

/** How many orders of a race are looked at where not all are: the same ones each time. */
const SOME = 6;
const MANY = 300;

/** Goes through all orders of a race, and says how many there are. */
export async function raced<Start>(name: string, race: Race<Start>): Promise<Explored> {
  const explored = await staged(race, explore);
  const { orders, runs, states, violations } = explored;
  const found = race.isContent ? '' : `, ${violations.length} violations`;
  const count = orders === 0n ? 'stopped' : `${orders.toLocaleString('en')} orders`;
  process.stdout.write(`races: ${name}: ${count} (${runs} runs, ${states} states)${found}\n`);
  return explored;
}

/** Some orders of it; in the project `exhaustive` all. */
const partlyRaced = <Start>(name: string, race: Race<Start>, some: number) =>
  isExhaustive ? raced(name, race) : staged(race, (exploration) => sample(exploration, some));

function staged<Start, Found>(
  race: Race<Start>,
  go: (exploration: Exploration) => Promise<Found>,
): Promise<Found> {
  const { mails = false, passkeys = false, keys = passkeys } = race;
  const world = new World({ ...race.world, mails, keys, passkeys });
  return determined(world, async () => {
    const start = await race.before(world);
    world.keep();
    return go({
      ...race,
      stage: world.stage,
      reset: () => world.reset(),
      state: () => world.state(),
      now: () => world.clock.now(),
      operations: () =>
        Object.entries(race.operations(start, world)).map(([operation, work]) =>
          typeof work === 'function' ? { name: operation, work } : work,
        ),
      check: async (run) => {
        const end = await (race.mayBeStale ? End.aMinuteLater(world, run) : End.of(world, run));
        return [...end.faults(), ...(await race.check(end, start, world))].filter(
          (fault) => typeof fault === 'string',
        );
      },
    });
  });
}

/** Every order of this race ends well. */
export async function expectRaced<Start>(name: string, race: Race<Start>): Promise<void> {
  const { violations } = await partlyRaced(name, race, SOME);
  expect(violations.slice(0, 3)).toEqual([]);
}

/** Some order of it ends badly: what was broken for the purpose is what keeps the other one well. */
export async function expectViolation<Start>(name: string, race: Race<Start>): Promise<void> {
  const content = { ...race, isContent: true };
  const drawn = await partlyRaced(name, content, MANY);
  // What is seldom drawn is looked for in all orders.
  const { violations } =
    drawn.violations.length > 0 ? drawn : await raced(`${name} (broken on purpose)`, content);
  expect(violations).not.toEqual([]);
}
