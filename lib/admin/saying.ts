import type { Reply } from '../account/recovery';
import { refuse, type Refusal } from '../errors';
import { askCodes, rejectCodes } from '../recovery/replies';
import { readReason } from './office';

/** Why a request is handled so: for the record, and for whoever asks. */
export interface Said {
  readonly ok: true;
  readonly reason: string;
  /** null: they are told no more than the state. */
  readonly reply: Reply | null;
}

interface Given {
  readonly reason: unknown;
  readonly because?: unknown;
}

/** What whoever asks for access is asked for: all of it is theirs to read. One of our sentences can do alone. */
export function readAsking({ reason: given, because = '' }: Given): Said | Refusal {
  const code = askCodes.find((one) => one === because);
  if (code === undefined && because !== '') return refuse('malformed', { field: 'because' });
  if (code !== undefined && (given === undefined || given === ''))
    return { ok: true, reason: code, reply: { because: code } };
  const read = readReason(given);
  if (!read.ok) return read;
  const text = read.reason;
  return code === undefined
    ? { ok: true, reason: text, reply: { text } }
    : { ok: true, reason: `${code}. ${text}`, reply: { because: code, text } };
}

/** Why a request is turned down: the reason stays with those who work here, and whoever asked is told the code, in words. */
export function readRejection({ reason: given, because }: Given): Said | Refusal {
  const read = readReason(given);
  if (!read.ok) return read;
  if (because === undefined) return { ...read, reply: null };
  const code = rejectCodes.find((one) => one === because);
  if (code === undefined) return refuse('malformed', { field: 'because' });
  return { ok: true, reason: `${code}. ${read.reason}`, reply: { because: code } };
}
