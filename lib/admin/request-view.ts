import type { UserId } from '../account/account';
import type {
  EvidenceItem,
  EvidenceKind,
  Flag,
  Recovery,
  Reply,
  RequestState,
  Verdict,
} from '../account/recovery';
import type { Channel, ProofType } from '../account/terms';
import type { Missing } from '../errors';
import { counts } from '../recovery/points';
import { type Found, standing } from '../recovery/requests';
import type { Office } from './office';

/** A request for access, as a list shows it. Times in ms. */
export interface RequestView {
  readonly reference: string;
  readonly user: { readonly id: UserId; readonly name: string };
  readonly state: RequestState;
  readonly route: Recovery['route'];
  readonly startedAt: number;
  readonly lost: readonly ProofType[];
  readonly contact: { readonly channel: Channel; readonly address: string; readonly onFile: boolean };
  readonly evidence: {
    readonly sum: number;
    readonly needed: number;
    readonly kinds: readonly EvidenceKind[];
    readonly missing: readonly Missing[];
    readonly items: readonly ItemView[];
  };
  readonly flags: readonly Flag[];
  /** What whoever asks was last told. */
  readonly reply: Reply | null;
  readonly begunBy: UserId | null;
  readonly assignedTo: UserId | null;
  readonly recommendedBy: UserId | null;
  readonly approvedBy: UserId | null;
  readonly earliestAt: number | null;
  readonly dueAt: number | null;
  readonly steps: Recovery['steps'];
}

export interface ItemView {
  readonly id: string;
  readonly kind: EvidenceKind;
  readonly at: number;
  /** What it counts now: 0 until it was found to match. */
  readonly counts: number;
  /** We checked it ourselves, and nobody has to judge it. */
  readonly proven: boolean;
  readonly verdict: Verdict | null;
  readonly note: string | null;
  readonly judgedBy: UserId | null;
}

export function viewOf(office: Office, { account, request }: Found, user: unknown): RequestView {
  const { scope, people } = office;
  const { sum = 0, needed = 0, kinds = [], missing = [] } = standing(scope, { account, request }) ?? {};
  const { contact } = request;
  return {
    reference: request.reference,
    user: { id: account.userId, name: people.nameOf(user) },
    state: request.state,
    route: request.route,
    startedAt: request.startedAt,
    lost: request.lost,
    contact: { channel: contact.channel, address: contact.hint, onFile: contact.onFile },
    evidence: { sum, needed, kinds, missing, items: request.evidence.map((item) => itemOf(office, item)) },
    flags: request.flags,
    reply: request.reply ?? null,
    begunBy: request.begunBy ?? null,
    assignedTo: request.assignedTo ?? null,
    recommendedBy: request.recommendedBy ?? null,
    approvedBy: request.approvedBy ?? null,
    earliestAt: request.earliestAt ?? null,
    dueAt: request.dueAt,
    steps: request.steps,
  };
}

const itemOf = ({ scope }: Office, item: EvidenceItem): ItemView => ({
  id: item.id,
  kind: item.kind,
  at: item.at,
  counts: counts(item) ? (scope.settings.recovery?.evidence.points[item.kind] ?? 0) : 0,
  proven: item.proven === true,
  verdict: item.verdict?.of ?? null,
  note: item.verdict?.note ?? null,
  judgedBy: item.verdict?.by ?? null,
});
