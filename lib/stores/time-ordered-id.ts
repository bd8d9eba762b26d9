import { randomBytes } from 'node:crypto';

/** A UUID that sorts by `at` (ms), and within a millisecond by `count`: version 7 of RFC 9562, §6.2 method 1. */
export function timeOrderedId(at: number, count: number): string {
  const bytes = randomBytes(16);
  bytes.writeUIntBE(Math.trunc(at), 0, 6);
  bytes.writeUInt16BE(0x70_00 | (count & 0x0f_ff), 6);
  bytes.writeUInt8(0x80 | (bytes.readUInt8(8) & 0x3f), 8);
  return bytes.toString('hex').replace(/^(.{8})(.{4})(.{4})(.{4})/, '$1-$2-$3-$4-');
}

/** What is less than every id of this moment, and greater than all earlier ones. */
export const firstIdAt = (at: number): string =>
  Math.trunc(at)
    .toString(16)
    .padStart(12, '0')
    .replace(/^(.{8})/, '$1-');

/** The moment of such an id, ms; null if it is none. */
export function timeOfId(id: string): number | null {
  const [, high = '', low = ''] = /^([\da-f]{8})-([\da-f]{4})-7/.exec(id) ?? [];
  return high === '' ? null : Number.parseInt(high + low, 16);
}
