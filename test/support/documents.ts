import { PNG } from 'pngjs';

/** The least that is a file of each type that is taken. */
export const aPdf = Buffer.from('%PDF-1.7\n1 0 obj\n<<>>\nendobj\ntrailer\n<<>>\nstartxref\n0\n%%EOF\n');

export const aPng: Buffer = PNG.sync.write(new PNG({ width: 2, height: 2 }));

/** A segment of a JPEG: its marker and its length before its bytes. */
export const segment = (marker: number, bytes: readonly number[]): Buffer =>
  Buffer.from([0xff, marker, 0, bytes.length + 2, ...bytes]);

const FRAME = segment(0xc0, [8, 0, 2, 0, 2, 1, 1, 0x11, 0]);
const SCAN = segment(0xda, [1, 1, 0, 0, 63, 0]);

export const jpegOf = (...segments: readonly Buffer[]): Buffer =>
  Buffer.concat([Buffer.from([0xff, 0xd8]), ...segments, SCAN, Buffer.from([0x12, 0x34, 0xff, 0xd9])]);

export const aJpeg = jpegOf(segment(0xe0, [...Buffer.from('JFIF\0')]), FRAME);
export const jpegFrame = FRAME;
