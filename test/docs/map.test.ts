import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { filesIn, read, root, tableAfter } from './pages';
import { rooms } from './rooms';

const page = 'docs/map.md';
const map = read(page);
const sources = [...filesIn('lib'), ...filesIn('strategies')];
const named = [...map.matchAll(/`([^`\s]+)`/g)].map(([, name = '']) => name);
const paths = named.filter((name) => /^(?:lib|strategies|views|test|docs|example-app)\//.test(name));

describe('The map', () => {
  it('names only files and folders that are there', () => {
    expect(paths.filter((path) => !existsSync(join(root, path)))).toEqual([]);
    expect(paths.length).toBeGreaterThan(50);
  });

  it('has a row for every room, and says what it is for', () => {
    const folders = sources
      .map((file) => /^(?:lib\/(\w+)\/|(strategies)\/)/.exec(file))
      .filter((found) => found !== null);
    const inTree = [...new Set(folders.map(([, room, strategies]) => room ?? strategies ?? ''))];
    const rows = tableAfter(page, '## Rooms');
    expect(rows.map(([name = '']) => name.replaceAll('`', '')).toSorted()).toEqual(inTree.toSorted());
    expect(rows.filter(([, purpose]) => purpose === '')).toEqual([]);
  });

  it('names every file at the top of lib/', () => {
    const top = sources.filter((file) => /^lib\/[^/]+$/.test(file));
    expect(top.filter((file) => !paths.includes(file))).toEqual([]);
  });

  it('lets a room import rooms and files that there are', () => {
    const allowed = [...rooms.values()].flat();
    const isThere = (name: string): boolean =>
      [`lib/${name}`, `lib/${name}.ts`].some((path) => existsSync(join(root, path)));
    expect(allowed.filter((name) => !isThere(name))).toEqual([]);
  });

  it.each(['## A gated request', '## A verification'])(
    '%s takes at most 25 steps, each with its file',
    (heading) => {
      const [, rest = ''] = map.split(`${heading}\n`);
      const [section = ''] = rest.split('\n## ');
      const steps = section.split(/^\d+\. /m).slice(1);
      expect(steps.length).toBeGreaterThan(5);
      expect(steps.length).toBeLessThanOrEqual(25);
      expect(steps.filter((step) => !/`(?:lib|strategies)\//.test(step))).toEqual([]);
    },
  );
});
