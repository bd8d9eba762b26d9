import { tableAfter } from './pages';

/**
 * Who may call whom, as docs/map.md says it: a room, and what it may import besides itself. Rooms and files are named
 * below lib/.
 */
export const rooms: ReadonlyMap<string, readonly string[]> = new Map(
  tableAfter('docs/map.md', '## Rooms').map(([room = '', , allowed = '']) => [
    nameOf(room) === 'strategies' ? '../strategies' : nameOf(room),
    allowed.split(', ').map(nameOf),
  ]),
);

function nameOf(cell: string): string {
  return cell.replaceAll('`', '');
}
