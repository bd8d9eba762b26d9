import type { UserId } from '../account/account';
import type { AuditRecord } from '../account/audit';
import type { Refusal } from '../errors';
import { type Office, targetOf } from './office';

/** What others than its owner did to an account, the oldest first. */
export async function auditOf(
  office: Office,
  recordsOf: (id: UserId) => Promise<readonly AuditRecord[]>,
  id: UserId,
): Promise<{ readonly ok: true; readonly name: string; readonly records: readonly AuditRecord[] } | Refusal> {
  const target = await targetOf(office, 'audit.read', id);
  if (!target.ok) return target;
  return { ok: true, name: office.people.nameOf(target.user), records: await recordsOf(id) };
}
