import { existsSync, statSync } from 'node:fs';
import { dirname, join, normalize } from 'node:path';
import { filesIn, pages, read, root } from './pages';

interface Link {
  readonly page: string;
  readonly target: string;
}

const links: Link[] = pages.flatMap((page) => {
  const text = read(page).replaceAll(/^ *```[\s\S]*?^ *```$/gm, '');
  const markdown = [...text.matchAll(/\]\(([^)\s]+)\)/g)].map(([, target]) => target);
  const html = [...text.matchAll(/(?:src|srcset|href)="([^"]+)"/g)].map(([, target]) => target);
  return [...markdown, ...html].map((target) => ({ page, target: target ?? '' }));
});

const inside = links.filter(({ target }) => !/^[a-z]+:/.test(target));

/** As GitHub makes them of headings. */
const anchorsOf = (page: string): string[] =>
  [...read(page).matchAll(/^#{1,6} (.+)$/gm)].map(([, heading = '']) =>
    heading
      .toLowerCase()
      .replaceAll(/[^\p{L}\p{N} _-]/gu, '')
      .replaceAll(' ', '-'),
  );

describe('The documentation', () => {
  it.each(inside)('$page leads to $target', ({ page, target }) => {
    const [path = '', anchor] = target.split('#', 2);
    const file = path === '' ? page : normalize(join(dirname(page), path));
    expect(existsSync(join(root, file))).toBe(true);
    expect(anchor === undefined || anchorsOf(file).includes(anchor)).toBe(true);
  });

  it('leads outside by https only', () => {
    const outside = links.filter((link) => !inside.includes(link));
    expect(outside.filter(({ target }) => !target.startsWith('https://'))).toEqual([]);
  });

  it('has no page that docs/README.md does not lead to', () => {
    const listed = links
      .filter(({ page }) => page === 'docs/README.md' || page === 'docs/decisions/README.md')
      .map(({ page, target }) => normalize(join(dirname(page), target.split('#')[0] ?? '')));
    const guides = pages.filter((page) => page.startsWith('docs/') && page !== 'docs/README.md');
    expect(guides.filter((page) => !listed.includes(page))).toEqual([]);
  });

  it('shows every picture there is, and all of them are small', () => {
    const pictures = filesIn('docs/images');
    const shown = links.map(({ target }) => target).filter((target) => target.startsWith('docs/images/'));
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
