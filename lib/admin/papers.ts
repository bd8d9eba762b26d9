import type { UserId } from '../account/account';
import type { EvidenceItem } from '../account/recovery';
import { addRecord } from '../audit/chain';
import { update } from '../core/update';
import { refuse, type Refusal } from '../errors';
import { letterDigest, makeLetterCode } from '../factors/letter-code';
import { changeRequest } from '../recovery/change';
import { readAddressLines } from '../recovery/letter';
import type { EvidenceDocument } from '../stores/evidence';
import { type Office, readReason } from './office';
import { findToChange, type FoundRequest } from './requests';

const DAY = 86_400_000;
/** NIST SP 800-63B-4 §4.2.1.2: a code by post is good for 21 days. */
const LETTER_LIFE = 21 * DAY;

/** What is printed: the code is in the letter alone. */
export interface LetterMade {
  readonly ok: true;
  readonly reference: string;
  readonly to: readonly string[];
  readonly code: string;
  readonly language: string;
  /** ms */
  readonly until: number;
}

/** Makes the code of a letter to the postal address on file; one that was made before is of no use any more. */
export async function makeLetter(
  office: Office,
  reference: string,
  { reason: given, address }: { readonly reason: unknown; readonly address: unknown },
): Promise<LetterMade | Refusal> {
  const found = await findToChange(office, 'requests.letter', 'send_letter', reference);
  if (!found.ok) return found;
  const stale = await office.refuseStale();
  if (stale) return stale;
  const read = readReason(given);
  if (!read.ok) return read;
  const to = readAddressLines(address);
  if (!to.ok) return to;
  const { scope, by } = office;
  const { id: userId, request } = found;
  const code = makeLetterCode();
  const until = scope.now() + LETTER_LIFE;
  const done = await changeRequest(scope, userId, request.id, {
    act: 'send_letter',
    by: { as: 'reviewer', id: by },
    reason: read.reason,
    prepare: (one) => ({
      ...one,
      letter: { digest: letterDigest({ userId, requestId: one.id }, code, scope.seal), until, by },
    }),
  });
  if (!done.ok) return done;
  return { ok: true, reference: request.reference, to: to.lines, code, language: request.language, until };
}

/** A document that was sent as evidence, not yet read. */
export interface FoundPaper extends FoundRequest {
  readonly item: EvidenceItem;
  readonly file: NonNullable<EvidenceItem['file']>;
}

export async function findPaper(
  office: Office,
  reference: string,
  itemId: string,
): Promise<FoundPaper | Refusal> {
  const found = await findToChange(office, 'requests.evidence', 'judge', reference);
  if (!found.ok) return found;
  const item = found.request.evidence.find(({ id }) => id === itemId);
  return item?.file ? { ...found, item, file: item.file } : refuse('not_found');
}

/** Reads it. Who looked at it, and when, is on record before it is shown. */
export async function openPaper(
  office: Office,
  { id, request, item }: FoundPaper,
): Promise<{ readonly ok: true; readonly document: EvidenceDocument } | Refusal> {
  const { scope, by } = office;
  const document = await scope.documents?.read(request, item);
  if (!document) return refuse('not_found');
  await noteRead(office, id, request.reference, by);
  return { ok: true, document };
}

const noteRead = ({ scope }: Office, userId: UserId, reference: string, user: UserId): Promise<void> =>
  update<void>(scope, userId, (account, now) => ({
    account: addRecord(
      account,
      { actor: { user }, action: 'request.read-document', reason: null, request: reference },
      now,
    ),
    outcome: undefined,
  }));
