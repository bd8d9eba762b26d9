import type { EvidenceItem, Recovery } from '../account/recovery';
import { randomEvidenceId } from '../crypto/random';
import { refuse, type Refusal } from '../errors';
import type { EvidenceOptions } from '../options/options';
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

/** Whether the request may have one more document, and what this one is. */
export function judgeDocument(
  { maxBytes, maxFiles }: Rules,
  { evidence }: Pick<Recovery, 'evidence'>,
  bytes: Buffer,
): { readonly ok: true; readonly type: EvidenceDocument['type'] } | Refusal {
  const there = evidence.filter(({ file }) => file !== undefined).length;
  if (there >= maxFiles) return refuse('malformed', { field: 'file', reason: 'file_many' });
  if (bytes.length > maxBytes) return refuse('malformed', { field: 'file', reason: 'file_large' });
  const type = documentType(bytes);
  return type ? { ok: true, type } : refuse('malformed', { field: 'file', reason: 'file_type' });
}

/**
 * Puts a document into the store. Where the account is not saved afterwards, `dropDocuments` takes it out again; if that
 * fails, `sweepDocuments` will.
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

/**
 * Deletes documents, as when a request is over.
 *
 * @throws SecondFactorError `unavailable` after each was tried; they are left for a later attempt or the sweep
 */
export async function dropDocuments(
  { store }: Pick<Rules, 'store'>,
  items: readonly Pick<EvidenceItem, 'file'>[],
): Promise<void> {
  const tries = items.flatMap(({ file }) => (file ? [asked(() => store.remove(file.id))] : []));
  const failed = (await Promise.allSettled(tries)).find(({ status }) => status === 'rejected');
  if (failed?.status === 'rejected') throw failed.reason;
}

/** Deletes what should be gone already: documents so old that their requests are over, and the days to keep them too. */
export const sweepDocuments = ({ store, keepDays }: Rules, now: number): Promise<number> =>
  asked(() => store.sweep(now - LONGEST_OPEN - keepDays * DAY));

const asked = <T>(ask: () => Promise<T>): Promise<T> => inTime('evidence', PATIENCE, ask);
