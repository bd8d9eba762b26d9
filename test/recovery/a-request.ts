import type { Account, UserId } from '../../lib/account/account';
import { blankAccount } from '../../lib/account/account';
import type { EvidenceKind, Recovery, RecoveryId, RequestState } from '../../lib/account/recovery';
import type { RecoverySettings } from '../../lib/core/scope';
import { POINTS } from '../../lib/options/lost-access';

export const HOUR = 3_600_000;
export const DAY = 24 * HOUR;

export const settings: RecoverySettings = {
  evidence: { points: POINTS, needed: 3, kinds: 2 },
  waits: { short: 72 * HOUR, long: 7 * DAY },
  twoPeople: true,
  hold: 72 * HOUR,
  liveCode: false,
};

export const lost = 'lost' as UserId;

/** A request in a state, with what belongs to it. */
export const aRequest = (state: RequestState, given: Partial<Recovery> = {}): Recovery => ({
  id: 'request-1' as RecoveryId,
  reference: 'RA-ABCDEFGHJK',
  state,
  startedAt: 0,
  steps: [{ at: 0, state }],
  route: 'short',
  lost: ['totp'],
  contact: { channel: 'email', address: 'sealed' as never, hint: 'l•••@e•••.com', onFile: true },
  language: 'en',
  timeZone: null,
  from: null,
  evidence: [],
  flags: [],
  dueAt: null,
  ...given,
});

/** Evidence that counts. */
export const matching = (...kinds: readonly EvidenceKind[]): Recovery['evidence'] =>
  kinds.map((kind) => ({ id: kind, kind, at: 0, proven: true }));

export const accountWith = (request: Recovery, given: Partial<Account> = {}): Account => ({
  ...blankAccount(lost),
  recoveries: [request],
  ...given,
});
