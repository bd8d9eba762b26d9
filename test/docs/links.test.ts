import { existsSync, statSync } from 'node:fs';
import { join, normalize, dirname } from 'node:path';
import { linksOf } from './links';
import { filesIn, pages, read, root } from './pages';

const links = pages.flatMap(linksOf);
const inside = links.filter(({ file }) => file !== null);

/** As GitHub makes them of headings. */
const anchorsOf = (page: string): string[] =>
  [...read(page).matchAll(/^#{1,6} (.+)$/gm)].map(([, heading = '']) =>
    heading
      .toLowerCase()
      .replaceAll(/[^\p{L}\p{N} _-]/gu, '')
      .replaceAll(' ', '-'),
  );

describe('The documentation', () => {
  it.each(inside)('$page leads to $target', ({ target, file }) => {
    const anchor = target.split('#', 2)[1];
    expect(existsSync(join(root, file ?? ''))).toBe(true);
    expect(anchor === undefined || anchorsOf(file ?? '').includes(anchor)).toBe(true);
  });

  it('leads outside by https only', () => {
    const outside = links.filter((link) => !inside.includes(link));
    expect(outside.filter(({ target }) => !target.startsWith('https://'))).toEqual([]);
  });

  it('has no page that docs/README.md does not lead to', () => {
    const listed = links
      .filter(({ page }) => page === 'docs/README.md' || page === 'docs/decisions/README.md')
      .map(({ page, target }) => normalize(join(dirname(page), target.split('#')[0] ?? '')));
    // What is not in the package is named there, as a link to it would lead nowhere.
    const named = [...read('docs/README.md').matchAll(/`(docs\/[\w-]+\.md)`/g)].map(([, page]) => page);
    listed.push(...named.filter((page) => page !== undefined));
    const guides = pages.filter((page) => page.startsWith('docs/') && page !== 'docs/README.md');
    expect(guides.filter((page) => !listed.includes(page))).toEqual([]);
  });

  it('shows every picture there is, and all of them are small', () => {
    const pictures = filesIn('docs/images');
    const shown = links.flatMap(
      ({ target, file }) => /(?:^|\/)(docs\/images\/.+)/.exec(file ?? target)?.[1] ?? [],
    );
    expect(pictures).toEqual([...new Set(shown)].toSorted());
    const bytes = pictures.map((file) => statSync(join(root, file)).size);
    expect(bytes.reduce((sum, size) => sum + size, 0)).toBeLessThan(400_000);
  });

  it.each(pages)('%s names no path of anybody’s machine', (page) => {
    expect(read(page)).not.toMatch(/(?:^|[\s`'"(])\/(?:home|root|Users|work|tmp)\//m);
  });

  it.each(['README.md', 'SECURITY.md', 'CHANGELOG.md'])('%s speaks of no issue by its number', (page) => {
    expect(read(page)).not.toMatch(/(?:issue|PR|pull request) ?#?\d+|\s#\d+\b/i);
  });
});
