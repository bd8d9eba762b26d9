// Notepad shows lines only with CRLF, and reads UTF-8 for certain only with a byte order mark.
const newline = '\r\n';
const byteOrderMark = '\uFEFF';

/** The codes as a text file: what they are for, and one a line. */
export const codesFile = (heading: readonly string[], codes: readonly string[]): string =>
  byteOrderMark + [...heading, '', ...codes, ''].join(newline);

/** `webadmin-backup-codes-anna-2026-11-24.txt`: found again by a search in the downloads folder. */
export function codesFileName(appName: string, user: string, at: number): string {
  const parts = [appName, 'backup codes', user].map(plain).filter((part) => part !== '');
  return `${parts.join('-')}-${new Date(at).toISOString().slice(0, 10)}.txt`;
}

const plain = (text: string): string =>
  text
    .normalize('NFKD')
    .toLowerCase()
    .replace(/@.*$/, '')
    .replace(/[^a-z0-9]+/g, '-')
    .replace(/^-+|-+$/g, '')
    .slice(0, 40);
