import { Readable } from 'node:stream';
import type { Request } from 'express';
import { refuse, type Refusal } from '../errors';
import { express } from './express';
import { isJsonBody, isMultipart } from './negotiate';

const LIMIT = '32kb';
/** How long (ms) a body may take: something else may be holding the stream, or the client may never send the rest. */
const PATIENCE = 10_000;

/**
 * Puts the fields of a request into `req.body`. Whether to parse depends on what has been read from the stream, not on
 * `req.body`: Express 4 leaves `{}` when no parser has read it, and a parser for every type leaves bytes or text. A
 * body that is neither JSON nor a form has no fields. One with a file in it is left for `readUpload`.
 */
export async function readBody(req: Request): Promise<Refusal | null> {
  if (req.method === 'GET' || req.method === 'HEAD' || !hasContent(req) || isMultipart(req)) return null;
  const bytes = bytesOf(req.body);
  if (bytes) return (await parse(bytesAgain(req, bytes), req)) ? null : unreadable;
  if (req.readable && !req.readableDidRead) return (await parse(req, req)) ? null : unreadable;
  return isLost(req) ? unreadable : null;
}

/** A field of the body, unchecked: every caller checks its type and length. */
export function field(req: Request, name: string): unknown {
  const body: unknown = req.body;
  return typeof body === 'object' && body !== null && Object.hasOwn(body, name)
    ? (body as Record<string, unknown>)[name]
    : undefined;
}

/** What was typed into a field; empty if nothing was, or if it is no text. */
export function textIn(req: Request, name: string): string {
  const given = field(req, name);
  return typeof given === 'string' ? given : '';
}

export const hasContent = ({ headers }: Request): boolean =>
  headers['transfer-encoding'] !== undefined || Number(headers['content-length'] ?? 0) > 0;

const unreadable = refuse('malformed', { field: 'body' });

const bytesOf = (body: unknown): Buffer | null =>
  (typeof body === 'string' || Buffer.isBuffer(body)) && body.length > 0 ? Buffer.from(body) : null;

/**
 * Whether something has read the body and left nothing. An empty object may be all that was sent: `{}` and whitespace.
 */
function isLost(req: Request): boolean {
  const body: unknown = req.body;
  if (typeof body !== 'object' || body === null) return body === undefined || body === null;
  const isEmpty = Object.keys(body).length === 0;
  return isEmpty && (!isJsonBody(req) || Number(req.headers['content-length'] ?? 0) >= '{"a":1}'.length);
}

/** The part of a request that parsers look at. */
type Source = Readable & { readonly headers: Request['headers']; body?: unknown };

/**
 * What `express.raw` or `express.text` has read, as a stream again. It is already inflated, and text is UTF-8 by now.
 */
function bytesAgain({ headers, body }: Request, bytes: Buffer): Source {
  const type = headers['content-type'] ?? '';
  return Object.assign(Readable.from([bytes], { objectMode: false }), {
    headers: {
      'content-type': typeof body === 'string' ? type.replace(/;.*/s, '') : type,
      'content-length': String(bytes.length),
    },
  });
}

async function parse(source: Source, req: Request): Promise<boolean> {
  const isRead = await new Promise<boolean>((resolve) => {
    const timer = setTimeout(resolve, PATIENCE, false);
    const done = (error?: unknown) => {
      clearTimeout(timer);
      resolve(!error);
    };
    const [json, form] = parsers();
    // Without a pause in between: a stream that is already flowing does not wait.
    json(source, null, (error) => (error ? done(error) : form(source, null, done)));
    if (source.isPaused()) source.resume();
  });
  if (isRead && source !== req) req.body = source.body;
  return isRead;
}

/** Parsers use nothing but the source. */
type Parser = (source: Source, res: null, next: (error?: unknown) => void) => void;

const parsers = (): readonly [Parser, Parser] => {
  const { json, urlencoded } = express();
  known ??= [json({ limit: LIMIT }), urlencoded({ extended: false, limit: LIMIT })] as unknown as readonly [
    Parser,
    Parser,
  ];
  return known;
};
let known: readonly [Parser, Parser] | undefined;
