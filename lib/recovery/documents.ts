import type { EvidenceItem, Recovery } from '../account/recovery';
import type { Documents } from '../core/scope';
import { randomEvidenceId } from '../crypto/random';
import { refuse, type Refusal } from '../errors';
import type { EvidenceOptions } from '../options/options';
import type { Task } from '../notices/tick';
import { inTime } from '../stores/deadline';
import type { EvidenceDocument } from '../stores/evidence';
import { documentType } from './document-type';

type Rules = Required<EvidenceOptions>;
/** What the account keeps of a document. */
type Kept = NonNullable<EvidenceItem['file']>;

const DAY = 86_400_000;
/** ms: a document is bigger than what other stores are given. */
const PATIENCE = 15_000;
/** How long a request can be open, at most, until it is decided or lapses. */
const LONGEST_OPEN = 60 * DAY;

/** Why the request may have no more documents; null: it may have one more. */
export function refuseMoreFiles(
  { maxFiles }: Pick<Rules, 'maxFiles'>,
  { evidence }: Pick<Recovery, 'evidence'>,
): Refusal | null {
  const there = evidence.filter(({ file }) => file !== undefined).length;
  return there < maxFiles ? null : refuse('malformed', { field: 'file', reason: 'file_many' });
}

/** Whether the request may have one more document, and what this one is. */
export function judgeDocument(
  { maxBytes, maxFiles }: Rules,
  request: Pick<Recovery, 'evidence'>,
  bytes: Buffer,
): { readonly ok: true; readonly type: EvidenceDocument['type'] } | Refusal {
  const refused = refuseMoreFiles({ maxFiles }, request);
  if (refused) return refused;
  if (bytes.length > maxBytes) return refuse('malformed', { field: 'file', reason: 'file_large' });
  const type = documentType(bytes);
  return type ? { ok: true, type } : refuse('malformed', { field: 'file', reason: 'file_type' });
}

/**
 * Puts a document into the store. Where the account is not saved afterwards, `drop` takes it out again; if that fails,
 * `sweepDocuments` will.
 *
 * @throws SecondFactorError `unavailable`
 */
export async function keepDocument(
  rules: Rules,
  request: Pick<Recovery, 'evidence' | 'reference'>,
  bytes: Buffer,
  now: number,
): Promise<{ readonly ok: true; readonly file: Kept } | Refusal> {
  const judged = judgeDocument(rules, request, bytes);
  if (!judged.ok) return judged;
  const id = randomEvidenceId();
  const { type } = judged;
  await asked(() => rules.store.put({ id, reference: request.reference, type, bytes, at: now }));
  return { ok: true, file: { id, type, bytes: bytes.length } };
}

/**
 * The document of an item, for a reviewer. Only what the request names is read; null: it is gone.
 *
 * @throws SecondFactorError `unavailable`
 */
export async function readDocument(
  { store }: Pick<Rules, 'store'>,
  { reference }: Pick<Recovery, 'reference'>,
  { file }: Pick<EvidenceItem, 'file'>,
): Promise<EvidenceDocument | null> {
  if (file === undefined) return null;
  const found = await asked(() => store.get(file.id));
  return found?.reference === reference ? found : null;
}

/** What use cases do with documents, by the app's rules. */
export const createDocuments = (rules: Rules): Documents => ({
  maxBytes: rules.maxBytes,
  maxFiles: rules.maxFiles,
  keep: (request, bytes, now) => keepDocument(rules, request, bytes, now),
  read: (request, item) => readDocument(rules, request, item),
  drop: async (ids) => {
    await Promise.allSettled(ids.map((id) => asked(() => rules.store.remove(id))));
  },
});

/** Deletes what should be gone already: documents so old that their requests are over, and the days to keep them too. */
export const sweepDocuments = ({ store, keepDays }: Rules, now: number): Promise<number> =>
  asked(() => store.sweep(now - LONGEST_OPEN - keepDays * DAY));

const asked = <T>(ask: () => Promise<T>): Promise<T> => inTime('evidence', PATIENCE, ask);

/** How often one process sweeps, ms. */
const SWEEP_EVERY = 3_600_000;

/** The sweep, as a part of `tick`: says how many documents were deleted. */
export function documentsTask(rules: Rules | null, now: () => number): Task<number> {
  let sweptAt = -Infinity;
  return async () => {
    if (!rules || Math.abs(now() - sweptAt) < SWEEP_EVERY) return { done: 0, more: false };
    sweptAt = now();
    // A store that is down now is swept in an hour.
    return { done: await sweepDocuments(rules, now()).catch(() => 0), more: false };
  };
}
