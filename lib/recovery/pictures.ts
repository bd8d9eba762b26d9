/** `dark` covers, `grey` may be read, `pale` is paper. */
export type Ink = 'dark' | 'grey' | 'pale';

/** Drawn by the PDF and by the page alike. */
export interface Picture {
  readonly width: number;
  readonly height: number;
  readonly edge: string;
  readonly shapes: readonly { readonly path: string; readonly ink: Ink }[];
}

type Box = readonly [x: number, y: number, width: number, height: number];

const boxes = (ink: Ink, ...all: readonly Box[]) => ({
  ink,
  path: all.map(([x, y, width, height]) => `M${x} ${y}h${width}v${height}h${-width}z`).join(''),
});

const document = (readable: readonly Box[], covered: readonly Box[]): Picture => ({
  width: 150,
  height: 94,
  edge: 'M1 1h148v92h-148z',
  shapes: [boxes('pale', [1, 1, 148, 92]), boxes('grey', ...readable), boxes('dark', ...covered)],
});

/** Photo, numbers and signature are covered; name, date of birth, country and validity are not. */
export const card = document(
  [
    [8, 8, 62, 5],
    [56, 24, 62, 5],
    [56, 35, 76, 5],
    [56, 46, 40, 5],
  ],
  [
    [8, 22, 40, 48],
    [102, 6, 40, 9],
    [56, 58, 48, 12],
    [8, 77, 134, 9],
  ],
);

/** The same for a passport's data page, with the two machine-readable lines at the bottom. */
export const passport = document(
  [
    [8, 8, 42, 5],
    [56, 21, 62, 5],
    [56, 31, 50, 5],
    [56, 41, 40, 5],
    [56, 51, 44, 5],
  ],
  [
    [8, 19, 40, 46],
    [104, 5, 38, 9],
    [108, 40, 34, 9],
    [8, 69, 134, 8],
    [8, 80, 134, 8],
  ],
);

/** Address, number, photo and signature are covered; name, date of birth, country and validity are not. */
export const licence = document(
  [
    [8, 8, 78, 5],
    [56, 22, 62, 5],
    [56, 32, 50, 5],
    [56, 42, 44, 5],
  ],
  [
    [8, 22, 40, 48],
    [56, 53, 60, 8],
    [56, 66, 70, 10],
    [8, 81, 134, 7],
  ],
);

/** Account and card numbers and everything else that was paid are covered; name, date, amount and number are not. */
export const invoice = document(
  [
    [8, 8, 50, 5],
    [92, 8, 50, 5],
    [92, 18, 34, 5],
    [108, 82, 34, 5],
  ],
  [
    [8, 20, 62, 8],
    [8, 40, 134, 8],
    [8, 52, 134, 8],
    [8, 64, 134, 8],
  ],
);

/** Dates of birth and private addresses are covered; the company, its number and who may sign for it are not. */
export const register = document(
  [
    [8, 8, 86, 5],
    [8, 20, 52, 5],
    [8, 38, 58, 5],
    [8, 64, 58, 5],
  ],
  [
    [76, 36, 34, 9],
    [8, 48, 134, 8],
    [76, 62, 34, 9],
    [8, 74, 134, 8],
  ],
);
