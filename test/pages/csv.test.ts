import { csvOf } from '../../lib/pages/csv';

const cells = (text: string): string => csvOf([[text, 'x']]).slice(1, -',x\r\n'.length);

describe('A table for spreadsheets', () => {
  it.each(['=1+1', '+1', '-1', '@A1', '\t=1', '＝1', '＋1', '－1', '＠A1', '=cmd|" /C calc"!A0'])(
    'has %j as text, behind an apostrophe',
    (text) => {
      expect(cells(text).replace(/^"/, '')).toMatch(/^'/);
    },
  );

  it.each([
    ['Ann;=1+1', "Ann;'=1+1"],
    ['Ann; @A1;-1', "Ann; '@A1;'-1"],
    ['Ann\n=1+1;x', '"Ann\n\'=1+1;x"'],
    ['=1;=2', "'=1;'=2"],
  ])('has no formula in %j either where cells end with a semicolon, as in Czech', (text, shown) => {
    expect(cells(text)).toBe(shown);
  });

  it.each(['', 'Phone', 'Ann; Bob', 'a=1', ' =1', '1-1', 'Účet', '2026-11-24T12:00:01.000Z', '2001:db8::7'])(
    'has %j as it is',
    (text) => {
      expect(cells(text)).toBe(text);
    },
  );

  it('quotes what would end a cell or a line (RFC 4180)', () => {
    expect(csvOf([['a,b', 'a"b', 'a\nb', '\r']])).toBe('\uFEFF"a,b","a""b","a\nb","\'\r"\r\n');
  });
});
