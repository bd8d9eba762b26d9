import en from '../../views/locales/en.json';
import { kinds } from '../../lib/kinds/table';

const rows = Object.entries(kinds);

describe('Every kind of proof', () => {
  it.each(rows)('%s has its words', (type, { pages, factor }) => {
    const wanted = [`type.${type}`, `type.${type}.hint`, ...(pages.field ? [`step.${type}.label`] : [])];
    expect(wanted.filter((key) => !(key in en))).toEqual([]);
    expect(pages.place === null).toBe(factor === null);
  });

  it.each(rows)('%s has a Passport strategy of its name', (type, { Strategy }) => {
    expect(new Strategy(() => Promise.reject(new Error('not asked'))).name).toBe(type);
  });

  it('has a place of its own on the page', () => {
    const places = rows.flatMap(([, { pages }]) => pages.place ?? []);
    expect(new Set(places).size).toBe(places.length);
  });
});
