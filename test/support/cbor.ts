export type Cbor =
  number | string | Uint8Array | boolean | readonly Cbor[] | ReadonlyMap<number | string, Cbor>;

/** Canonical CBOR (RFC 8949 §4.2), as far as authenticators use it. */
export function cbor(value: Cbor): Buffer {
  if (typeof value === 'boolean') return Buffer.from([value ? 0xf5 : 0xf4]);
  if (typeof value === 'number') return value < 0 ? head(1, -1 - value) : head(0, value);
  if (typeof value === 'string')
    return Buffer.concat([head(3, Buffer.byteLength(value)), Buffer.from(value)]);
  if (value instanceof Uint8Array) return Buffer.concat([head(2, value.length), value]);
  if (value instanceof Map)
    return Buffer.concat([
      head(5, value.size),
      ...[...value].flatMap(([name, one]) => [cbor(name), cbor(one)]),
    ]);
  const list = value as readonly Cbor[];
  return Buffer.concat([head(4, list.length), ...list.map(cbor)]);
}

function head(major: number, length: number): Buffer {
  const [kind, buffer] = [major << 5, Buffer.alloc(5)];
  if (length < 24) return Buffer.from([kind | length]);
  if (length < 0x100) return Buffer.from([kind | 24, length]);
  buffer.writeUInt32BE(length, 1);
  if (length < 0x10000) return Buffer.concat([Buffer.from([kind | 25]), buffer.subarray(3)]);
  buffer.writeUInt8(kind | 26, 0);
  return buffer;
}
