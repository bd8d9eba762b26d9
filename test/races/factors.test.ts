import { codeAt } from '../support/browser-agent';
import { minutes, seconds } from '../support/clock';
import { elsewhere, enrolledAnn, settingUp } from './cast';
import { expectRaced, isLong } from './race';
import type { End } from './world/end';
import type { World } from './world/world';

/** ann with two apps, signed in with a fresh proof in two browsers. */
async function twoApps(world: World) {
  const enrolled = await enrolledAnn(world);
  const other = await elsewhere(world, enrolled);
  const secret = String((await enrolled.ann.beginTotp()).body.secret);
  const { body } = await enrolled.ann.confirmTotp(codeAt(secret, world.clock.now()), 'Tablet');
  const second = (body as { factor: { id: string } }).factor.id;
  return { ...enrolled, other, otherSid: world.sidOf(other), factors: [enrolled.factorId, second] as const };
}

const factorsOf = (end: End): number => end.account('ann')?.factors.length ?? 0;

describe('A factor is active only once it was proven and its codes acknowledged', () => {
  it('wherever an enrolment crashes, and whoever signs in meanwhile', () =>
    expectRaced('a whole enrolment, a sign-in elsewhere', {
      before: async (world) => {
        const ann = world.client();
        await ann.logIn('ann');
        return { ann };
      },
      operations: ({ ann }, world) => ({
        enrolment: async () => {
          const client = ann.copy();
          const secret = String((await client.beginTotp()).body.secret);
          const { body } = await client.confirmTotp(codeAt(secret, world.clock.now()));
          const { backupCodes = [] } = body as { backupCodes?: string[] };
          return client.acknowledge(backupCodes[0] ?? '');
        },
        'sign-in': () => world.client().logIn('ann'),
      }),
      remembersDead: true,
      check: (end) => {
        const isOn = factorsOf(end) > 0;
        const acknowledged = end.stepsOf('enrolment', 'accounts.save') > 0;
        return [
          isOn !== acknowledged && 'a factor is active and was not acknowledged',
          !isOn && end.account('ann') !== null && 'a set-up left something in the account',
          !isOn &&
            end.answer('sign-in') &&
            !end.didWell('sign-in') &&
            'a set-up in progress changed what is owed',
          !end.hasFault &&
            !end.didWell('enrolment') &&
            `the enrolment was refused: ${end.errorOf('enrolment')}`,
        ];
      },
    }));

  it('and two at once never make two first factors', () =>
    expectRaced('two first enrolments, of two sessions', {
      before: async (world) => [await settingUp(world), await settingUp(world)] as const,
      operations: (both) => ({
        one: () => both[0].client.copy().acknowledge(both[0].backupCodes[0] ?? ''),
        other: () => both[1].client.copy().acknowledge(both[1].backupCodes[0] ?? ''),
      }),
      check: (end) => [
        factorsOf(end) > 1 && 'two first factors',
        end.didWell('one') && end.didWell('other') && 'two enrolments were told that they won',
        !end.hasFault && factorsOf(end) !== 1 && 'no enrolment won',
      ],
    }));

  it('nor do two tabs of one session', () =>
    expectRaced('two acknowledgements in one session', {
      before: settingUp,
      mostFaults: isLong ? 1 : 0,
      operations: ({ client, backupCodes }) => ({
        one: () => client.copy().acknowledge(backupCodes[0] ?? ''),
        other: () => client.copy().acknowledge(backupCodes[1] ?? ''),
      }),
      check: (end) => [
        factorsOf(end) > 1 && 'two first factors',
        end.didWell('one') && end.didWell('other') && 'two tabs were told that they won',
      ],
    }));

  it('and two tabs that begin at once show one secret', () =>
    expectRaced('two tabs begin a set-up', {
      before: async (world) => {
        const ann = world.client();
        await ann.logIn('ann');
        return { ann };
      },
      operations: ({ ann }) => ({ one: () => ann.copy().beginTotp(), other: () => ann.copy().beginTotp() }),
      check: (end) => [
        end.didWell('one') &&
          end.didWell('other') &&
          end.answer('one')?.body.secret !== end.answer('other')?.body.secret &&
          'two tabs show two secrets',
      ],
    }));

  it('nor does the clock help', () =>
    expectRaced('an acknowledgement, a sign-in, the clock jumps', {
      before: settingUp,
      mostFaults: isLong ? 1 : 0,
      operations: ({ client, backupCodes }, world) => ({
        enrolment: () => client.copy().acknowledge(backupCodes[0] ?? ''),
        'sign-in': () => world.client().logIn('ann'),
        clock: world.jumping('clock', [-5 * minutes, 5 * minutes]),
      }),
      remembersDead: true,
      check: (end) => [
        factorsOf(end) > 0 !== end.stepsOf('enrolment', 'accounts.save') > 0 && 'switched on by nobody',
      ],
    }));
});

describe('Two at once never take away more than one may', () => {
  const kept = (end: End): (string | false)[] => [
    factorsOf(end) < 1 && 'fewer factors than have to be kept',
    !end.hasFault && factorsOf(end) > 1 && 'neither was removed',
  ];

  it('where a factor has to be kept and two sessions remove one each', () =>
    expectRaced('two removals, of two sessions, one factor has to stay', {
      world: { secondFactor: { keepFactors: 1 } },
      before: twoApps,
      operations: ({ ann, other, factors }) => ({
        one: () => ann.copy().remove(factors[0]),
        other: () => other.copy().remove(factors[1]),
      }),
      check: kept,
    }));

  it('nor where it is two tabs of one session', () =>
    expectRaced('two removals, of one session, one factor has to stay', {
      mostFaults: isLong ? 1 : 0,
      world: { secondFactor: { keepFactors: 1 } },
      before: twoApps,
      operations: ({ ann, factors }) => ({
        one: () => ann.copy().remove(factors[0]),
        other: () => ann.copy().remove(factors[1]),
      }),
      check: kept,
    }));

  it('and the last one is removed whole, with its backup codes', () =>
    expectRaced('two removals of the only factor', {
      before: async (world) => {
        const enrolled = await enrolledAnn(world);
        return { ...enrolled, other: await elsewhere(world, enrolled) };
      },
      operations: ({ ann, other, factorId }) => ({
        one: () => ann.copy().remove(factorId),
        other: () => other.copy().remove(factorId),
      }),
      check: (end) => [!end.hasFault && factorsOf(end) > 0 && 'it was not removed'],
    }));
});

describe('No two changes of one account are mixed', () => {
  const changes: Record<
    string,
    (world: World, start: Awaited<ReturnType<typeof prepared>>) => Promise<unknown>
  > = {
    'another app is added': (world, { ann, newSecret }) =>
      ann.copy().confirmTotp(codeAt(newSecret, world.clock.now())),
    'the app is removed': (_, { ann, factorId }) => ann.copy().remove(factorId),
    'the codes are made anew': (_, { other, newCode }) => other.copy().acknowledge(newCode),
    'she signs out everywhere': (world) => world.twoFactor.signOutEverywhere('id-ann'),
    'she signs in': (_, { half, code }) => half.copy().totp(code),
    'she signs out': (_, { ann }) => ann.copy().logOut(),
    'she is forgotten': (world) => world.twoFactor.forget('id-ann'),
  };

  async function prepared(world: World) {
    const enrolled = await enrolledAnn(world);
    const other = await elsewhere(world, enrolled);
    const newSecret = String((await enrolled.ann.beginTotp()).body.secret);
    const { body } = await other.renewCodes();
    const [newCode = ''] = (body as { backupCodes: string[] }).backupCodes;
    const half = world.client();
    await half.logIn('ann');
    world.clock.move(30 * seconds);
    return { ...enrolled, other, newSecret, newCode, half, code: codeAt(enrolled.secret, world.clock.now()) };
  }

  const names = Object.keys(changes);
  const pairs = names.flatMap((one, at) => names.slice(at + 1).map((other) => [one, other] as const));

  it.each(pairs)('when %s and %s', (one, other) =>
    expectRaced(`${one}, ${other}`, {
      before: prepared,
      mostFaults: isLong ? 2 : Number(other === 'she is forgotten'),
      operations: (start, world) => ({
        one: async () => changes[one]?.(world, start),
        other: async () => changes[other]?.(world, start),
      }),
      check: (end) => {
        // A sign-out everywhere stores an account where there is none: it may come after.
        const isForgotten =
          other === 'she is forgotten' && !one.includes('everywhere') && end.didWell('other');
        return [
          isForgotten && end.account('ann') !== null && 'an account is left of a user who was forgotten',
          !end.hasFault && !end.didWell('one') && !end.didWell('other') && 'neither got through',
        ];
      },
    }),
  );
});
