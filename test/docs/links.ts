import { dirname, join, normalize } from 'node:path';
import { read } from './pages';

export interface Link {
  readonly page: string;
  readonly target: string;
  /** The file of ours that it leads to; null for what is outside, or a path of the app. */
  readonly file: string | null;
}

/** Links and pictures of a page, but for those in its code. */
export function linksOf(page: string): Link[] {
  const text = read(page).replaceAll(/^ *```[\s\S]*?^ *```$/gm, '');
  const markdown = [...text.matchAll(/\]\(([^)\s]+)\)/g)].map(([, target]) => target);
  const html = [...text.matchAll(/(?:src|srcset|href)="([^"]+)"/g)].map(([, target]) => target);
  return [...markdown, ...html].map((target = '') => ({ page, target, file: fileOf(page, target) }));
}

function fileOf(page: string, target: string): string | null {
  if (/^[a-z]+:/.test(target)) return null;
  const [path = ''] = target.split('#', 1);
  return path === '' ? page : normalize(join(dirname(page), path));
}
