import fc from 'fast-check';
import { documentType } from '../../lib/recovery/document-type';
import { aJpeg, aPdf, aPng, jpegFrame, jpegOf, segment } from '../support/documents';

const text = (words: string): Buffer => Buffer.from(words);

describe('The type of a document', () => {
  it.each([
    ['a PDF', aPdf, 'application/pdf'],
    [
      'a PDF 2.0 with a signature after its end',
      Buffer.concat([text('%PDF-2.0\n%%EOF\n'), Buffer.alloc(900)]),
      'application/pdf',
    ],
    ['a JPEG', aJpeg, 'image/jpeg'],
    [
      'a JPEG with a film after it, as phones make them',
      Buffer.concat([aJpeg, text('ftypmp42')]),
      'image/jpeg',
    ],
    ['a JPEG with padding between its segments', jpegOf(Buffer.from([0xff]), jpegFrame), 'image/jpeg'],
    ['a PNG', aPng, 'image/png'],
  ])('of %s is told by its bytes', (_what, bytes, type) => {
    expect(documentType(bytes)).toBe(type);
  });

  it.each([
    ['nothing', Buffer.alloc(0)],
    ['a page', text('<!doctype html><script>1</script>')],
    ['a picture that holds scripts', text('<svg xmlns="http://www.w3.org/2000/svg"/>')],
    ['a program', text('MZ\0\0')],
    ['a GIF', text('GIF89a')],
    ['an archive', text('PK\x03\x04')],
    ['a PDF that begins later, as with something else before it', Buffer.concat([text('GIF89a'), aPdf])],
    ['a PDF without its end', text('%PDF-1.7\n1 0 obj')],
    ['the name of a PDF alone', text('%PDF-')],
    ['a JPEG without its size', jpegOf(segment(0xe0, [1]))],
    ['a JPEG of no size', jpegOf(segment(0xc0, [8, 0, 0, 0, 2, 1, 1, 0x11, 0]))],
    ['a JPEG that is cut off', aJpeg.subarray(0, -2)],
    ['a JPEG whose segments do not follow each other', jpegOf(text('<html>'), jpegFrame)],
    [
      'the magic of a JPEG before a page',
      Buffer.concat([Buffer.from([0xff, 0xd8, 0xff, 0xe0]), text('<html>')]),
    ],
    ['a PNG that is cut off', aPng.subarray(0, -4)],
    ['a PNG with something after it', Buffer.concat([aPng, text('PK\x03\x04')])],
    ['a PNG without a picture', Buffer.concat([aPng.subarray(0, 33), aPng.subarray(-12)])],
    ['a PNG of no size', Buffer.concat([aPng.subarray(0, 16), Buffer.alloc(8), aPng.subarray(24)])],
    ['the magic of a PNG alone', aPng.subarray(0, 8)],
  ])('is none of ours for %s', (_what, bytes) => {
    expect(documentType(bytes)).toBeNull();
  });

  it('is looked for in any bytes without an end or an error', () => {
    const starts = [aPdf, aJpeg, aPng].flatMap((whole) =>
      [2, 4, 12, 40].map((end) => whole.subarray(0, end)),
    );
    fc.assert(
      fc.property(fc.constantFrom(...starts), fc.uint8Array({ maxLength: 300 }), (start, rest) => {
        documentType(Buffer.concat([start, rest]));
      }),
      { numRuns: 500 },
    );
  });
});
