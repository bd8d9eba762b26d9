import fc from 'fast-check';
import { mongo } from 'mongoose';
import type { Account } from '../../lib/account/account';
import { createAccountMacs } from '../../lib/crypto/account-mac';
import { createKeyRing } from '../../lib/crypto/key-ring';
import { canonical } from '../../lib/crypto/mac';
import { frozenCopy } from '../../lib/stores/memory-accounts';
import { aFactor, anAccount, runs } from '../account/an-account';
import { mongoose8 } from '../support/mongoose8';

const [first, second] = ['11'.repeat(32), '22'.repeat(32)] as const;
const macsOf = (...keys: readonly string[]) => createAccountMacs(createKeyRing(keys));
const macs = macsOf(first);

const name = fc.oneof(fc.string({ minLength: 1 }), fc.constantFrom('1', '10', '2', '__proto__', 'a.b'));
const leaf = fc.oneof(
  fc.string({ unit: 'binary' }),
  fc.constantFrom('a lone surrogate \ud800', 'n1;', 's1:', '', '\u0000'),
  fc.double({ noNaN: true, noDefaultInfinity: true }),
  fc.maxSafeInteger(),
  fc.integer(),
  fc.constantFrom(-0, 2 ** 31, -(2 ** 31) - 1, Number.MAX_SAFE_INTEGER, 1e21, 5e-324),
  fc.boolean(),
  fc.constantFrom(null, undefined),
);
const value = fc.object({ key: name, values: [leaf], maxDepth: 4, maxKeys: 6 });

/** An account with fields that a newer version wrote. */
const account = value.map((later) => ({ ...anAccount([aFactor('phone')]), later }) as Account);

const driver =
  ({ BSON }: typeof mongo) =>
  (given: object): unknown =>
    BSON.deserialize(BSON.serialize(given, { ignoreUndefined: true }), { promoteLongs: true });
/** What stores do to a value on its way. */
const stores: readonly (readonly [string, (given: object) => unknown])[] = [
  ['MongoDB by Mongoose 9', driver(mongo)],
  ['MongoDB by Mongoose 8', driver(mongoose8.mongo)],
  ['JSON', (given) => JSON.parse(JSON.stringify(given)) as unknown],
  ['memory', (given) => frozenCopy(given)],
  ['a structured clone', (given) => structuredClone(given)],
  ['fields in another order', (given) => reversed(given)],
];

function reversed(given: unknown): unknown {
  if (Array.isArray(given)) return given.map(reversed);
  if (typeof given !== 'object' || given === null) return given;
  const fields = Object.entries(given).toReversed();
  return Object.fromEntries(fields.map(([key, held]) => [key, reversed(held)]));
}

describe('The MAC of an account', () => {
  it.each(stores)('survives %s', (_, stored) => {
    fc.assert(
      fc.property(account, (given) => {
        expect(macs.check(stored(macs.sign(given)) as Account)).toBe('genuine');
      }),
      { numRuns: runs(200) },
    );
  });

  it('is of one value only: two that differ in anything have two texts', () => {
    fc.assert(
      fc.property(fc.oneof(value, leaf), fc.oneof(value, leaf), (one, other) => {
        expect(canonical(one) === canonical(other)).toBe(json(one) === json(other));
      }),
      { numRuns: runs(500) },
    );
  });

  it.each<[string, unknown, unknown]>([
    ['a number and its text', 1, '1'],
    ['null and its name', null, 'null'],
    ['yes and its name', true, 'true'],
    ['an empty list and an empty record', [], {}],
    ['a list and a record of the same', ['a'], { 0: 'a' }],
    ['one text cut in two ways', ['ab', 'c'], ['a', 'bc']],
    ['a text that looks like what follows it', ['s1:a'], ['', 'a']],
    ['one list, and one in it', [1, [2]], [[1], 2]],
    ['a field moved from one record to the next', [{ a: 1, b: 2 }, {}], [{ a: 1 }, { b: 2 }]],
    ['a name and its value', { ab: 'c' }, { a: 'bc' }],
  ])('tells apart %s', (_, one, other) => {
    expect(canonical(one)).not.toBe(canonical(other));
  });

  it('is gone with any change of any value', () => {
    const signed = macs.sign(anAccount([aFactor('phone'), aFactor('tablet')], { handle: 'handle' }));
    const paths = pathsIn(signed);
    expect(paths.length).toBeGreaterThan(40);
    for (const path of paths) {
      for (const other of ['x', 7, null, true, [], {}, undefined]) {
        const changed = structuredClone(signed) as unknown as Record<string, unknown>;
        const before = set(changed, path, other);
        const isSame = before === other || JSON.stringify(before) === JSON.stringify(other);
        const outcome = macs.check(changed as unknown as Account);
        expect([path, other, outcome]).toEqual([path, other, isSame ? 'genuine' : 'changed']);
      }
    }
  });

  it.each<[string, unknown]>([
    ['none', undefined],
    ['nothing', ''],
    ['a number', 1],
    ['one of another version', '2.KEY.DIGEST'],
    ['one without a digest', '1.KEY'],
    ['one cut short', '1.KEY.DIGES'],
    ['a digest of nothing', '1.KEY.'],
  ])('has to be there: %s is none', (_, given) => {
    const signed = macs.sign(anAccount());
    const [, key = '', digest = ''] = String(signed.mac).split('.');
    const mac =
      typeof given === 'string'
        ? given.replace('KEY', key).replace('DIGEST', digest).replace('DIGES', digest.slice(0, -1))
        : given;
    expect(macs.check({ ...signed, mac: mac as string })).toBe('changed');
  });

  it('opens with any key of the ring, and is made with the first', () => {
    const old = macs.sign(anAccount());
    const rotated = macsOf(second, first);
    expect(rotated.check(old)).toBe('genuine');
    expect(rotated.keyIdOf(old)).toBe(macs.keyIdOf(old));
    const renewed = rotated.sign(old);
    expect(rotated.keyIdOf(renewed)).toBe(createKeyRing([second]).first.id);
    expect(macs.check(renewed)).toBe('unknown_key');
    // A digest of one key under the name of another.
    const [version, , digest] = String(old.mac).split('.');
    expect(rotated.check({ ...old, mac: `${version}.${rotated.keyIdOf(renewed)}.${digest}` })).toBe(
      'changed',
    );
  });

  it.each<[string, unknown]>([
    ['no number', Number.NaN],
    ['an endless number', Infinity],
    ['a bigint', 1n],
    ['a function', () => 1],
    ['a symbol', Symbol('a')],
    ['a date', new Date(0)],
    ['bytes', Buffer.from('a')],
    ['an ObjectId', new mongo.ObjectId()],
    ['a Long that is no number any more', mongo.Long.MAX_VALUE],
    ['a Map', new Map()],
    ['what has no end', endless()],
  ])('is not made of what a store would not give back as it was, nor right for it: %s', (_, odd) => {
    const holding = { ...anAccount(), odd } as Account;
    expect(() => macs.sign(holding)).toThrow(TypeError);
    expect(macs.check({ ...holding, mac: macs.sign(anAccount()).mac ?? '' })).toBe('changed');
  });
});

function endless(): object {
  const ring: { self?: object } = {};
  ring.self = ring;
  return ring;
}

/** As JSON with its fields in order; of nothing it makes what a list makes of it. */
const json = (given: unknown): string => JSON.stringify(sorted(given ?? null));

function sorted(given: unknown): unknown {
  if (Array.isArray(given)) return given.map(sorted);
  if (typeof given !== 'object' || given === null) return given;
  const fields = Object.entries(given).filter(([, held]) => held !== undefined);
  // As pairs: in an object numbers would come first again.
  return {
    fields: fields
      .toSorted(([one], [other]) => (one < other ? -1 : 1))
      .map(([key, held]) => [key, sorted(held)]),
  };
}

type Path = readonly (string | number)[];

function pathsIn(given: unknown, path: Path = []): Path[] {
  if (typeof given !== 'object' || given === null) return [path];
  const inside = Object.entries(given).flatMap(([key, held]) => pathsIn(held, [...path, key]));
  return path.length === 0 ? inside : [path, ...inside];
}

/** @returns what was there */
function set(given: Record<string, unknown>, path: Path, to: unknown): unknown {
  const [last = '', ...before] = path.toReversed();
  const holder = before.reduceRight<Record<string, unknown>>(
    (held, key) => held[key] as Record<string, unknown>,
    given,
  );
  const there = holder[last];
  holder[last] = to;
  return there;
}
