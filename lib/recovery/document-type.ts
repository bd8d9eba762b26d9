import type { DocumentType } from '../stores/evidence';

/**
 * What a file is, as its bytes say it; null: nothing that is taken. Names and declared types are the sender's to choose.
 * Only the frame is looked at, enough that it is no other kind of file: what is shown to people is shown as this type.
 */
export function documentType(bytes: Buffer): DocumentType | null {
  if (isPdf(bytes)) return 'application/pdf';
  if (isJpeg(bytes)) return 'image/jpeg';
  return isPng(bytes) ? 'image/png' : null;
}

/** Where readers look for the end of a PDF. */
const TAIL = 1024;

/** From its first byte on: readers allow something before it, which may be another kind of file (ISO 32000-2 §7.5.2). */
function isPdf(bytes: Buffer): boolean {
  const tail = bytes.subarray(-TAIL);
  return /^%PDF-[12]\.\d/.test(bytes.toString('latin1', 0, 8)) && tail.includes('%%EOF');
}

const START_OF_SCAN = 0xda;
const WITHOUT_SIZE: ReadonlySet<number> = new Set([0xc4, 0xc8, 0xcc]);

/** Segments that follow each other up to the picture's data, one of them with its size (ITU-T T.81 annex B). */
function isJpeg(bytes: Buffer): boolean {
  if (!bytes.subarray(0, 3).equals(Buffer.from([0xff, 0xd8, 0xff]))) return false;
  let hasSize = false;
  let at = 2;
  while (at + 4 <= bytes.length && bytes[at] === 0xff) {
    const marker = bytes.readUInt8(at + 1);
    const length = bytes.readUInt16BE(at + 2);
    if (marker === 0xff) at += 1;
    else if (marker < 0xc0 || length < 2) return false;
    else if (marker === START_OF_SCAN) return hasSize && bytes.includes(Buffer.from([0xff, 0xd9]), at);
    else {
      if (marker <= 0xcf && !WITHOUT_SIZE.has(marker) && at + 9 <= bytes.length)
        hasSize ||= bytes.readUInt16BE(at + 5) > 0 && bytes.readUInt16BE(at + 7) > 0;
      at += 2 + length;
    }
  }
  return false;
}

const SIGNATURE = Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]);
/** Length, name and checksum. */
const AROUND = 12;

/** Chunks that follow each other from the header with the size to the end, and nothing after it (PNG §5, §11.2). */
function isPng(bytes: Buffer): boolean {
  if (!bytes.subarray(0, SIGNATURE.length).equals(SIGNATURE)) return false;
  let hasData = false;
  let at = SIGNATURE.length;
  while (at + AROUND <= bytes.length) {
    const length = bytes.readUInt32BE(at);
    const name = bytes.toString('latin1', at + 4, at + 8);
    if (at === SIGNATURE.length && !(name === 'IHDR' && length === 13 && hasSizeAt(bytes, at + 8)))
      return false;
    hasData ||= name === 'IDAT';
    at += AROUND + length;
    if (name === 'IEND') return hasData && at === bytes.length;
  }
  return false;
}

const hasSizeAt = (bytes: Buffer, at: number): boolean =>
  at + 8 <= bytes.length && bytes.readUInt32BE(at) > 0 && bytes.readUInt32BE(at + 4) > 0;
