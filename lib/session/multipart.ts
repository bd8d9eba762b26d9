import type { Request, Response } from 'express';
import { refuse, SecondFactorError, type Refusal } from '../errors';
import { isMultipart } from './negotiate';

/** One file, and the fields beside it. */
export interface Upload {
  readonly ok: true;
  readonly fields: ReadonlyMap<string, string>;
  readonly file: Buffer;
}

/** The name of the file's field. */
const FILE = 'file';
/** For fields, headers and boundaries, beside the file. */
const BESIDE = 32_768;
const MOST_PARTS = 16;
const LONGEST_HEADERS = 2_048;
const LONGEST_FIELD = 4_096;
/** How long (ms) nothing may come, and how long it may take altogether: a photo over a bad connection. */
const PATIENCE = 10_000;
const LONGEST = 180_000;
/** How many a process receives at once: what has come of each is in memory, and anybody can begin one and never end it. */
const MOST_AT_ONCE = 32;
/** And how many of these from one client, who could keep all the others waiting by sending slowly. */
const MOST_OF_ONE = 4;

/**
 * The file and the fields of a form with `enctype="multipart/form-data"` (RFC 7578), in memory: whether they came as a
 * stream, or lie in `req.body` as `express.raw` leaves them, or in `req.file` or `req.files` as multer's memory storage does.
 * A client that sends too much is answered at once, and the rest that it sends is thrown away.
 *
 * @param from who counts as one client
 * @throws SecondFactorError `wrong_setup` where multer has stored the file somewhere else
 */
export async function readUpload(
  req: Request,
  res: Response,
  maxBytes: number,
  from: string,
): Promise<Upload | Refusal> {
  const parsed = parsedAbove(req);
  if (parsed) return checked(parsed, maxBytes);
  const boundary = boundaryOf(req);
  if (boundary === null) return broken;
  const bytes = await bytesOf(req, res, maxBytes + BESIDE, from);
  if (!Buffer.isBuffer(bytes)) return bytes;
  const parts = partsOf(bytes, boundary);
  return parts ? checked(parts, maxBytes) : broken;
}

interface Part {
  readonly name: string;
  readonly bytes: Buffer;
}

const broken = refuse('malformed', { field: 'body' });
const wrongFile = (reason: 'file_missing' | 'file_many' | 'file_large'): Refusal =>
  refuse('malformed', { field: FILE, reason });

function checked(parts: readonly Part[], maxBytes: number): Upload | Refusal {
  const [file, ...more] = parts.filter(({ name }) => name === FILE);
  if (more.length > 0) return wrongFile('file_many');
  if (file === undefined || file.bytes.length === 0) return wrongFile('file_missing');
  if (file.bytes.length > maxBytes) return wrongFile('file_large');
  const others = parts.filter((part) => part !== file);
  const fields = new Map(others.map(({ name, bytes }) => [name, bytes.toString()]));
  const isPlain = fields.size === others.length && others.every(({ bytes }) => bytes.length <= LONGEST_FIELD);
  return isPlain ? { ok: true, fields, file: file.bytes } : broken;
}

/** RFC 2046 §5.1.1. Of two boundaries nobody knows which one others went by. */
function boundaryOf({ headers }: Request): string | null {
  const all = [...(headers['content-type'] ?? '').matchAll(/;\s*boundary=(?:"([^"]*)"|([^\s;"]*))/gi)];
  const [, quoted, bare] = all[0] ?? [];
  const boundary = quoted ?? bare ?? '';
  return all.length === 1 && /^[\w'()+,./:=? -]{0,69}[\w'()+,./:=?-]$/.test(boundary) ? boundary : null;
}

/** What multer has left: fields in `req.body`, and the file. */
function parsedAbove(req: Request): readonly Part[] | null {
  const files = [Reflect.get(req, 'file'), Reflect.get(req, 'files')].flatMap(filesIn);
  const body: unknown = req.body;
  const isParsed = typeof body === 'object' && body !== null && !Buffer.isBuffer(body);
  const fields = isParsed ? Object.entries(body).map(fieldPart) : [];
  if (files.length === 0 && (fields.length === 0 || !isMultipart(req))) return null;
  return [...files, ...fields.filter((part) => part !== null)];
}

function fieldPart([name, value]: [string, unknown]): Part | null {
  return typeof value === 'string' ? { name, bytes: Buffer.from(value) } : null;
}

function filesIn(given: unknown): readonly Part[] {
  if (typeof given !== 'object' || given === null) return [];
  if (Array.isArray(given)) return given.flatMap(filesIn);
  const name: unknown = Reflect.get(given, 'fieldname');
  if (typeof name !== 'string') return Object.values(given).flatMap(filesIn);
  const bytes: unknown = Reflect.get(given, 'buffer');
  if (!Buffer.isBuffer(bytes)) throw notInMemory();
  return [{ name, bytes }];
}

const notInMemory = () =>
  new SecondFactorError(
    'wrong_setup',
    'A file for a request for access was stored by multer, outside the evidence store.',
    'Mount multer below protect() or for your own paths only, or with multer.memoryStorage().',
  );

/** The whole body, or why there is none. */
function bytesOf(
  req: Request,
  res: Response,
  most: number,
  from: string,
): Promise<Buffer | Refusal> | Buffer | Refusal {
  const body: unknown = req.body;
  if (Buffer.isBuffer(body) && body.length > 0) return body.length > most ? wrongFile('file_large') : body;
  // Text has lost the bytes that are none.
  if (!req.readable || req.readableDidRead || req.headers['content-encoding'] !== undefined) return broken;
  if (Number(req.headers['content-length'] ?? 0) > most) return wrongFile('file_large');
  const ofThem = underWay.filter((one) => one === from).length;
  if (underWay.length >= MOST_AT_ONCE || ofThem >= MOST_OF_ONE) return tooMany;
  return received(req, res, most, from);
}

const tooMany = refuse('busy', { field: FILE, reason: 'uploads_busy', retryAfter: 60 });

/** Where those come from that are being received. */
const underWay: string[] = [];

function received(req: Request, res: Response, most: number, from: string): Promise<Buffer | Refusal> {
  return new Promise((resolve) => {
    const chunks: Buffer[] = [];
    let length = 0;
    underWay.push(from);
    const done = (result: Buffer | Refusal): void => {
      underWay.splice(underWay.indexOf(from), 1);
      clearTimeout(silence);
      clearTimeout(end);
      req.off('data', add).off('end', whole).off('close', lost).off('error', lost);
      // What still comes is thrown away, so that the client gets to read the answer. Errors of it are nobody's.
      req.on('error', () => undefined).resume();
      resolve(result);
    };
    const add = (chunk: Buffer): void => {
      silence.refresh();
      length += chunk.length;
      if (length > most) return done(wrongFile('file_large'));
      chunks.push(chunk);
    };
    const whole = (): void => done(Buffer.concat(chunks));
    const lost = (): void => done(broken);
    const late = (): void => {
      // The rest may never come: the connection ends with the answer.
      if (!res.headersSent) res.set('Connection', 'close');
      lost();
    };
    const silence = setTimeout(late, PATIENCE);
    const end = setTimeout(late, LONGEST);
    req.on('data', add).on('end', whole).on('close', lost).on('error', lost);
    req.resume();
  });
}

/**
 * RFC 2046 §5.1.1: what is before the first boundary and after the last is ignored. Each search begins where the one before
 * ended, so the work grows with the body alone. null: broken, without an end, or too many parts.
 */
function partsOf(body: Buffer, boundary: string): readonly Part[] | null {
  const line = Buffer.from(`\r\n--${boundary}`);
  const first = line.subarray(2);
  const start = body.subarray(0, first.length).equals(first) ? first.length : after(body, line, 0);
  const parts: Part[] = [];
  let at = start;
  while (at !== -1) {
    if (body.toString('latin1', at, at + 2) === '--') return parts;
    const part = partAt(body, line, at);
    if (part === null || parts.length === MOST_PARTS) return null;
    parts.push(part.part);
    at = part.next;
  }
  return null;
}

/** The part after the boundary that ends at `at`, and where the next boundary ends. */
function partAt(
  body: Buffer,
  line: Buffer,
  at: number,
): { readonly part: Part; readonly next: number } | null {
  const head = body.toString('latin1', at, at + LONGEST_HEADERS);
  const end = head.indexOf('\r\n\r\n');
  // Only spaces may stand between a boundary and the end of its line.
  const name = end < 0 || !/^[ \t]*\r\n/.test(head) ? null : nameIn(head.slice(0, end));
  if (name === null) return null;
  const start = at + end + 4;
  // Nothing between the headers and the boundary: their line breaks are one.
  const next = after(body, line, start - 2);
  if (next === -1) return null;
  const bytes = body.subarray(start, Math.max(start, next - line.length));
  return { part: { name, bytes }, next };
}

const after = (body: Buffer, line: Buffer, from: number): number => {
  const found = body.indexOf(line, from);
  return found === -1 ? -1 : found + line.length;
};

/** RFC 7578 §4.2: each part has exactly one `Content-Disposition: form-data`, with one name. */
function nameIn(headers: string): string | null {
  const lines = headers.split('\r\n').filter((line) => /^content-disposition\s*:/i.test(line));
  const [line = ''] = lines;
  if (lines.length !== 1 || !/^content-disposition\s*:\s*form-data\s*;/i.test(line)) return null;
  // Names of files may hold anything; they are skipped.
  const bare = line.replace(/;\s*filename\*?=(?:"(?:[^"\\]|\\.)*"|[^;]*)/gi, '');
  const names = [...bare.matchAll(/;\s*name=(?:"([^"\\]*)"|([^\s;"]+))/gi)];
  const [, quoted, plain] = names[0] ?? [];
  return names.length === 1 ? (quoted ?? plain ?? null) : null;
}
