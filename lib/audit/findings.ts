import type { AuditRecord } from '../account/audit';
import { isConsistent } from './chain';

/**
 * What is wrong in one place of a chain. `changed`: the record is not what it was. `missing`: there is none. `extra`: it
 * belongs to no chain. `ahead`: it follows the end of the chain, so the account is an older one that was put back.
 */
export type RecordProblem = 'changed' | 'missing' | 'extra' | 'ahead';

export interface RecordFinding {
  /** null: it has none that could be read. */
  readonly seq: number | null;
  readonly problem: RecordProblem;
}

/** The end of a chain, vouched for by a key. */
export interface Head {
  readonly seq: number;
  readonly hash: string;
  /** Up to this `seq`, records may be missing. */
  readonly notKept?: number;
}

/**
 * Walks from each head back to the first record, by hashes. A user who was forgotten and came back has more than one
 * chain. Whatever is not reached from a head should not be there.
 *
 * Nothing vouches for what is older than the first finding: it is only said to be right if it fits.
 */
export function findingsIn(records: readonly AuditRecord[], heads: readonly Head[]): RecordFinding[] {
  const left = new Set(records);
  const byHash = new Map(records.map((record) => [record.hash, record]));
  const reached = new Set<string>();
  const findings: RecordFinding[] = [];
  for (const head of heads.toSorted((one, other) => other.seq - one.seq)) {
    const { notKept = 0 } = head;
    let wanted: string | null = head.hash;
    /** The record after it, or the head, says what is wanted, and is right itself. */
    let isVouchedFor = true;
    for (let seq = head.seq; seq > 0 && !reached.has(wanted ?? ''); seq -= 1) {
      const linked: AuditRecord | undefined = byHash.get(wanted ?? '');
      const found: AuditRecord | undefined = linked ?? [...left].find((record) => record.seq === seq);
      if (found) left.delete(found);
      const fits: boolean = found === linked || !isVouchedFor;
      isVouchedFor = found?.seq === seq && isConsistent(found) && fits;
      if (found && isVouchedFor) reached.add(found.hash);
      else if (found || seq > notKept) findings.push({ seq, problem: found ? 'changed' : 'missing' });
      wanted = found?.previous ?? null;
    }
  }
  const last = Math.max(0, ...heads.map(({ seq }) => seq));
  for (const record of left) {
    const isLater = record.seq > last && isConsistent(record);
    const seq = Number.isSafeInteger(record.seq) ? record.seq : null;
    findings.push({ seq, problem: isLater ? 'ahead' : 'extra' });
  }
  return findings.toSorted((one, other) => (one.seq ?? 0) - (other.seq ?? 0));
}
