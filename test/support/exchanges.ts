import type { Test } from 'supertest';

/** One request of a test, and its answer. */
export interface Exchange {
  readonly method: string;
  readonly url: string;
  readonly sent?: unknown;
  readonly status: number;
  readonly location?: string | undefined;
  readonly text: string;
}

declare global {
  /** Those of the running test, newest last. The environment makes it, and shows it if a test fails. */
  var exchanges: Exchange[] | undefined;
}

const SHOWN = 3;
const MOST_LINES = 40;
const MOST_LETTERS = 600;

export function noteExchange(exchange: Exchange): void {
  const { exchanges } = globalThis;
  if (exchanges && exchanges.push(exchange) > SHOWN) exchanges.shift();
}

/** For supertest's `use`. */
export function noted(asked: Test): void {
  asked.once('response', ({ status, headers, text }: Awaited<Test>) =>
    noteExchange({
      method: asked.method,
      url: asked.url,
      // superagent offers no public name for it.
      sent: Reflect.get(asked, '_data'),
      status,
      location: headers.location,
      text: text ?? '',
    }),
  );
}

/**
 * The report of a failed test on one screen: its message, cut in the middle if it is long, then the requests and their
 * answers, then the stack.
 *
 * @param report a message and a stack, as in `error.stack`
 */
export function onOneScreen(report: string, exchanges: readonly Exchange[]): string {
  const at = /\n\s+at /.exec(report)?.index ?? report.length;
  const told = exchanges.map(exchangeInWords).join('');
  return cut(report.slice(0, at)) + (told && `\n\nasked last, and what came:${told}\n`) + report.slice(at);
}

function exchangeInWords({ method, url, sent, status, location, text }: Exchange): string {
  const { pathname, search } = new URL(url, 'http://localhost');
  const asked = `${method} ${pathname}${search} ${shown(sent)}`.trimEnd();
  return `\n  ${asked}\n    ${status} ${location ?? shown(text)}`.trimEnd();
}

function shown(body: unknown): string {
  if (body === undefined || body === null) return '';
  const text = typeof body === 'string' ? body : JSON.stringify(body);
  const words = /<html/i.test(text) ? wordsOf(text) : text;
  return words.length > MOST_LETTERS ? `${words.slice(0, MOST_LETTERS)}…` : words;
}

/** What a page says, without its markup. */
const wordsOf = (page: string): string =>
  page
    .replace(/<(style|script|svg)\b[\s\S]*?<\/\1>|<[^>]*>/gi, ' ')
    .replace(/\s+/g, ' ')
    .trim();

function cut(message: string): string {
  const lines = message
    .split('\n')
    .map((line) => (line.length > MOST_LETTERS ? `${line.slice(0, MOST_LETTERS)}…` : line));
  if (lines.length <= MOST_LINES) return lines.join('\n');
  const half = MOST_LINES / 2;
  return [...lines.slice(0, half), `… ${lines.length - MOST_LINES} lines …`, ...lines.slice(-half)].join(
    '\n',
  );
}
