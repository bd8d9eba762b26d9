import { minutes, seconds } from '../support/clock';
import { localKey } from '../support/keys';
import { elsewhere, halfLogin } from './cast';
import { mostIn, pass, someIn } from './codes-cast';
import { halfWithAnswer, keyedAnn, keysOf, newKeyChallenge } from './keys-cast';
import { expectRaced, isLong } from './race';
import type { World } from './world/world';

const both = ['one', 'other'];

async function oneAnswer(world: World) {
  const keyed = await keyedAnn(world);
  return { ...keyed, ...(await halfWithAnswer(world, keyed.key)) };
}

describe('An answer of a key is accepted once', () => {
  it('whatever the order of two uses of it', () =>
    expectRaced('two uses of one answer of a key', {
      keys: true,
      before: oneAnswer,
      mostFaults: isLong ? 2 : 0,
      operations: ({ half, answer }) => ({
        one: () => half.copy().key(answer),
        other: () => half.copy().key(answer),
      }),
      check: (end) => [mostIn(end, both), someIn(end, both)],
    }));

  it('nor does it let a second half login in', () =>
    expectRaced('one answer of a key, two half logins', {
      keys: true,
      before: async (world) => ({ ...(await oneAnswer(world)), second: await halfLogin(world) }),
      mostFaults: isLong ? 1 : 0,
      operations: ({ half, second, answer }) => ({
        own: () => half.copy().key(answer),
        foreign: () => second.copy().key(answer),
      }),
      check: (end) => [
        end.didWell('foreign') && 'an answer for one login let another one in',
        someIn(end, ['own']),
      ],
    }));

  it('although the clock jumps', () =>
    expectRaced('two uses of one answer of a key, the clock jumps', {
      keys: true,
      before: oneAnswer,
      mostFaults: 0,
      operations: ({ half, answer }, world) => ({
        one: async () => {
          const used = await half.copy().key(answer);
          const again = await half.copy().key(answer);
          return { ...used, isTwice: used.status === 200 && again.status === 200 };
        },
        ...(isLong && { other: () => half.copy().key(answer) }),
        clock: world.jumping('clock', [-60 * seconds, 30 * seconds, 10 * minutes]),
      }),
      check: (end) => [
        mostIn(end, both),
        (end.outcome('one') as { isTwice?: boolean } | undefined)?.isTwice === true &&
          'one login was completed twice',
      ],
    }));

  it('although Redis loses its newest writes', () =>
    expectRaced('uses of one answer of a key, Redis loses its newest writes', {
      keys: true,
      before: oneAnswer,
      mayBeStale: true,
      mostFaults: isLong ? 1 : 0,
      operations: ({ half, answer }, world) => ({
        one: () => half.copy().key(answer),
        ...(isLong && { other: () => half.copy().key(answer) }),
        redis: world.losing('redis', isLong ? 'all' : 'newest'),
      }),
      check: (end) => [mostIn(end, both)],
    }));
});

describe('A key that is removed while it is used', () => {
  it('lets nobody in that outlives it, and the removal stands', () =>
    expectRaced('the only key is removed, and used', {
      keys: true,
      before: oneAnswer,
      mostFaults: isLong ? 1 : 0,
      operations: ({ ann, half, answer, factorId }) => ({
        removal: () => ann.copy().remove(factorId),
        use: () => half.copy().key(answer),
      }),
      check: (end) => [
        !end.hasFault && !end.didWell('removal') && `the removal was refused: ${end.errorOf('removal')}`,
        end.didWell('removal') && keysOf(end).length > 0 && 'a key that was removed came back',
      ],
    }));

  it('be it one of two', () =>
    expectRaced('one of two keys is removed, and used', {
      keys: true,
      before: async (world) => {
        const keyed = await keyedAnn(world);
        const second = localKey();
        const { body } = await keyed.ann.newKey(second.create(await newKeyChallenge(keyed.ann)));
        pass(world, 1 * seconds);
        const { id } = (body as { factor: { id: string } }).factor;
        return { ...keyed, second, id, ...(await halfWithAnswer(world, second)) };
      },
      mostFaults: isLong ? 1 : 0,
      operations: ({ ann, half, answer, id }) => ({
        removal: () => ann.copy().remove(id),
        use: () => half.copy().key(answer),
      }),
      check: (end, { key, second }) => [
        !end.hasFault && !end.didWell('removal') && `the removal was refused: ${end.errorOf('removal')}`,
        end.didWell('removal') && keysOf(end).includes(second.id) && 'a key that was removed came back',
        !keysOf(end).includes(key.id) && 'the other key went with it',
      ],
    }));
});

describe('One challenge makes one key', () => {
  it('of two that answer it', () =>
    expectRaced('two new keys answer one challenge', {
      keys: true,
      before: async (world) => {
        const { ann } = await keyedAnn(world);
        const challenge = await newKeyChallenge(ann);
        return { ann, made: [localKey().create(challenge), localKey().create(challenge)] as const };
      },
      mostFaults: isLong ? 1 : 0,
      operations: ({ ann, made }) => ({
        one: () => ann.copy().newKey(made[0]),
        other: () => ann.copy().newKey(made[1]),
      }),
      check: (end) => [
        keysOf(end).length > 2 && 'one challenge made two keys',
        mostIn(end, both),
        !end.hasFault && keysOf(end).length < 2 && 'no key was added',
      ],
    }));

  it('and the first one is the one that its owner was told of', () =>
    expectRaced('two first keys answer one challenge', {
      keys: true,
      before: async (world) => {
        const ann = world.client();
        await ann.logIn('ann');
        const challenge = await newKeyChallenge(ann);
        const keys = [localKey(), localKey()] as const;
        return { ann, keys, made: keys.map((key) => key.create(challenge)) };
      },
      mostFaults: isLong ? 1 : 0,
      operations: ({ ann, made }) => ({
        one: () => ann.copy().newKey(made[0] ?? {}),
        other: () => ann.copy().newKey(made[1] ?? {}),
      }),
      check: (end) => [
        mostIn(end, both),
        someIn(end, both),
        end.account('ann') !== null && 'it counts too early',
      ],
    }));

  it('of two logins that add one each', () =>
    expectRaced('two logins add a key each', {
      keys: true,
      before: async (world) => {
        const keyed = await keyedAnn(world);
        const { ann } = keyed;
        const second = await elsewhere(world, { ...keyed, sid: '', secret: '', code: '' });
        return {
          clients: [ann, second] as const,
          made: [
            localKey().create(await newKeyChallenge(ann)),
            localKey().create(await newKeyChallenge(second)),
          ] as const,
        };
      },
      mostFaults: isLong ? 1 : 0,
      operations: ({ clients, made }) => ({
        one: () => clients[0].copy().newKey(made[0]),
        other: () => clients[1].copy().newKey(made[1]),
      }),
      check: (end) => [
        keysOf(end).length !== 1 + both.filter((name) => end.didWell(name)).length &&
          !end.hasFault &&
          'a key is there that nobody was told of, or is not there',
        someIn(end, both),
      ],
    }));
});

describe('An answer of a passkey that signs in alone is accepted once', () => {
  /** What her key answers in a browser in which nobody is signed in. */
  async function onLoginPage(world: World) {
    const keyed = await keyedAnn(world);
    const visitor = world.client();
    const { options } = (await visitor.askPasskey()).body as { options: { challenge: string } };
    return { ...keyed, visitor, answer: keyed.key.get(options.challenge, { userHandle: keyed.handle }) };
  }

  it('whatever the order of two uses of it, although nobody has noted its challenge', () =>
    expectRaced('two uses of one answer of a passkey', {
      passkeys: true,
      before: onLoginPage,
      mostFaults: isLong ? 2 : 1,
      operations: ({ visitor, answer }) => ({
        one: () => visitor.copy().passkey(answer),
        other: () => visitor.copy().passkey(answer),
      }),
      check: (end) => [mostIn(end, both), !end.hasFault && someIn(end, both)],
    }));

  it('although the clock jumps, and with what each answer made of the cookie', () =>
    expectRaced('uses of one answer of a passkey one after the other, the clock jumps', {
      passkeys: true,
      before: onLoginPage,
      mostFaults: 0,
      operations: ({ visitor, answer }, world) => ({
        one: async () => {
          const client = visitor.copy();
          const statuses: number[] = [];
          for (let nth = 0; nth < 3; nth += 1) statuses.push((await client.passkey(answer)).status);
          return { status: 200, body: {}, cookies: [], uses: statuses.filter((status) => status === 200) };
        },
        clock: world.jumping('clock', [-60 * seconds, -1 * seconds, 30 * seconds, 10 * minutes]),
      }),
      check: (end) => {
        const { uses = [] } = (end.outcome('one') ?? {}) as { uses?: readonly number[] };
        return [uses.length > 1 && `one answer let its user in ${uses.length} times`];
      },
    }));
});
