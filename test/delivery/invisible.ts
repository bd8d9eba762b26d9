const points = [0xad, 0x200b, 0x200c, 0x200d, 0x200e, 0x200f, 0xfe0d, 0xfeff].concat(
  [0x202a, 0x202b, 0x202c, 0x202d, 0x202e],
  [0x2066, 0x2067, 0x2068, 0x2069],
);

/** Marks that nobody sees and that are pasted along, each after its number in hex. */
export const invisible = points.map((point) => [point.toString(16), String.fromCodePoint(point)] as const);
