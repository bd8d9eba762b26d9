import type { AskCode, EvidenceKind, Recovery, RejectCode, Reply } from '../account/recovery';
import type { EvidenceRules } from './points';

/** Our sentences with which more is asked for, and the kinds of evidence that each is about; none: whatever is given. */
const asks: Readonly<Record<AskCode, readonly EvidenceKind[]>> = {
  on_file: ['mail', 'phone'],
  invoice: ['invoice'],
  document: ['identity'],
  readable: ['identity'],
  voucher: ['voucher'],
  certified: ['certified', 'esign'],
  disagrees: [],
};

export const askCodes = Object.keys(asks) as AskCode[];

/** Those that ask for something which is taken here. */
export const asksFor = ({ points }: EvidenceRules): AskCode[] =>
  askCodes.filter((code) => asks[code].length === 0 || asks[code].some((kind) => points[kind] > 0));

/** What may be said of why it was turned down: never which piece of evidence, as that would help whoever guesses. */
export const rejectCodes: readonly RejectCode[] = [
  'not_enough',
  'no_match',
  'unreadable',
  'objected',
  'duplicate',
  'other_reason',
];

/** The request with what is said to whoever asks, and without what was said before. */
export function withReply({ reply: _, ...request }: Recovery, reply: Reply | null): Recovery {
  return reply ? { ...request, reply } : request;
}
