/** Deeper than any attestation. */
const DEEPEST = 16;

/**
 * Whether these bytes are exactly one CBOR item (RFC 8949 §3). The library reads the first item of what it gets,
 * ignores what follows, and takes a last text that is cut off for a shorter one.
 */
export function isOneItem(bytes: Buffer): boolean {
  try {
    return endOf(bytes, 0, 0) === bytes.length;
  } catch {
    return false;
  }
}

/**
 * Where the item that begins at `start` ends. Reading beyond the end throws, so no length in it can keep this looping.
 */
function endOf(bytes: Buffer, start: number, depth: number): number {
  if (depth > DEEPEST) throw new RangeError('too deep');
  const first = bytes.readUInt8(start);
  const [kind, argument] = [first >> 5, argumentOf(bytes, start, first & 31)];
  const at = start + argument.bytes;
  if (kind === 2 || kind === 3) return at + argument.value;
  return itemsAt(bytes, at, held[kind]?.(argument.value) ?? 0, depth);
}

function itemsAt(bytes: Buffer, start: number, count: number, depth: number): number {
  let at = start;
  for (let nth = 0; nth < count; nth += 1) at = endOf(bytes, at, depth + 1);
  return at;
}

/** How many items an array, a map or a tag contains; a number contains none. */
const held: { readonly [kind: number]: (value: number) => number } = {
  4: (value) => value,
  5: (value) => 2 * value,
  6: () => 1,
};

/**
 * The number in the head of an item, and how long that head is. Indefinite lengths (31) are not allowed in WebAuthn
 * (CTAP 2.2 §8).
 */
function argumentOf(bytes: Buffer, start: number, info: number): { value: number; bytes: number } {
  if (info < 24) return { value: info, bytes: 1 };
  if (info === 24) return { value: bytes.readUInt8(start + 1), bytes: 2 };
  if (info === 25) return { value: bytes.readUInt16BE(start + 1), bytes: 3 };
  if (info === 26) return { value: bytes.readUInt32BE(start + 1), bytes: 5 };
  if (info === 27) return { value: Number(bytes.readBigUInt64BE(start + 1)), bytes: 9 };
  throw new RangeError('not well-formed');
}
