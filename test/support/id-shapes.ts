import * as mongoose9 from 'mongoose';
import { mongoose8 } from './mongoose8';

const versions = [
  ['8', mongoose8],
  ['9', mongoose9],
] as const;

export interface Shape {
  readonly name: string;
  readonly value: unknown;
}

/** One person's id as text, and every other shape it comes in: from both versions of Mongoose, whose BSON differs. */
export interface Person {
  readonly kind: string;
  readonly text: string;
  readonly shapes: readonly Shape[];
}

const bytesOf = (hex: string): Buffer => Buffer.from(hex.replaceAll('-', ''), 'hex');

const inBoth = (shapesOf: (mongoose: typeof mongoose9) => Readonly<Record<string, unknown>>): Shape[] =>
  versions.flatMap(([version, mongoose]) =>
    Object.entries(shapesOf(mongoose)).map(([name, value]) => ({
      name: `${name} (mongoose ${version})`,
      value,
    })),
  );

/** How an app may hold a stored document: the document, and what `toObject`, `lean` and the driver make of it. */
function stored(
  mongoose: typeof mongoose9,
  type: unknown,
  value: unknown,
): Readonly<Record<string, unknown>> {
  const schema = new mongoose.Schema({ _id: type as never });
  const Model = mongoose.createConnection().model('Person', schema);
  const document = new Model({ _id: value });
  const { BSON } = mongoose.mongo;
  const read = BSON.deserialize(BSON.serialize({ _id: document.toObject()._id }));
  return {
    'doc._id': document._id,
    'doc._id without getters': document.get('_id', null, { getters: false }),
    'toObject()._id': document.toObject()._id,
    'lean()._id': read._id,
    'hydrated _id': Model.hydrate(read)._id,
  };
}

export function objectIdOf(hex: string): Person {
  const shapes = inBoth((mongoose) => ({
    ObjectId: new mongoose.Types.ObjectId(hex),
    ...stored(mongoose, mongoose.Schema.Types.ObjectId, hex),
  }));
  return {
    kind: 'an ObjectId',
    text: hex,
    shapes: [...shapes, { name: 'Buffer', value: bytesOf(hex) }],
  };
}

export function uuidOf(text: string): Person {
  const bytes = bytesOf(text);
  const shapes = inBoth((mongoose) => {
    const { UUID, Binary } = mongoose.mongo;
    const inBuffer = stored(mongoose, Buffer, new UUID(text));
    return {
      UUID: new UUID(text),
      'Binary of subtype 4': new Binary(bytes, 4),
      'Binary of subtype 0': new Binary(bytes),
      ...stored(mongoose, mongoose.Schema.Types.UUID, text),
      ...Object.fromEntries(
        Object.entries(inBuffer).map(([name, value]) => [`${name} of a Buffer path`, value]),
      ),
    };
  });
  return {
    kind: 'a UUID',
    text,
    shapes: [
      ...shapes,
      { name: 'text in capitals', value: text.toUpperCase() },
      { name: 'Buffer', value: bytes },
      { name: 'Uint8Array', value: new Uint8Array(bytes) },
    ],
  };
}

export function bytesAs(hex: string): Person {
  const bytes = bytesOf(hex);
  const longer = Buffer.concat([Buffer.from([1, 2]), bytes, Buffer.from([3])]);
  const shapes = inBoth((mongoose) => ({
    Binary: new mongoose.mongo.Binary(bytes),
    ...stored(mongoose, Buffer, bytes),
  }));
  return {
    kind: 'bytes',
    text: hex,
    shapes: [
      ...shapes,
      { name: 'Buffer', value: bytes },
      { name: 'Uint8Array', value: new Uint8Array(bytes) },
      { name: 'part of a longer one', value: longer.subarray(2, 2 + bytes.length) },
    ],
  };
}

export function numberOf(number: number): Person {
  const shapes = inBoth((mongoose) => {
    const { Long, Int32, Double, Decimal128 } = mongoose.mongo;
    return {
      Long: Long.fromNumber(number),
      Int32: new Int32(number),
      Double: new Double(number),
      Decimal128: Decimal128.fromString(String(number)),
      ...stored(mongoose, Number, number),
    };
  });
  return {
    kind: 'a number',
    text: String(number),
    shapes: [...shapes, { name: 'number', value: number }, { name: 'BigInt', value: BigInt(number) }],
  };
}

export function bigOf(big: bigint): Person {
  const shapes = inBoth((mongoose) => ({
    Long: mongoose.mongo.Long.fromBigInt(big),
    ...stored(mongoose, mongoose.Schema.Types.BigInt, big),
  }));
  return { kind: 'a BigInt', text: String(big), shapes: [...shapes, { name: 'BigInt', value: big }] };
}

export const textOf = (text: string): Person => ({
  kind: 'text',
  text,
  shapes: inBoth((mongoose) => stored(mongoose, String, text)),
});
