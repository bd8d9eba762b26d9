/** `webadmin-backup-codes-anna`: easy to find in the downloads folder. */
export const fileName = (...parts: readonly string[]): string =>
  parts
    .map(plain)
    .filter((part) => part !== '')
    .join('-');

/** `webadmin-backup-codes-anna-2026-11-24.txt` */
export const datedFileName = (parts: readonly string[], at: number, ending: string): string =>
  `${fileName(...parts)}-${new Date(at).toISOString().slice(0, 10)}.${ending}`;

const plain = (text: string): string =>
  text
    .normalize('NFKD')
    .toLowerCase()
    .replace(/@.*$/, '')
    .replace(/[^a-z0-9]+/g, '-')
    .replace(/^-+|-+$/g, '')
    .slice(0, 40);

/** Without it, Notepad and Excel don't reliably read UTF-8. */
export const BYTE_ORDER_MARK = '\uFEFF';
