import type { AuditRecord, Person } from '../../account/audit';
import type { RequestDetails } from '../../admin/request';
import type { RequestView } from '../../admin/request-view';
import type { LaneStatus, UserDetails } from '../../admin/user';
import type { ListedUser } from '../../admin/users';
import type { Missing } from '../../errors';
import { iso, stepsJson } from '../page-context';

/** What is missing, in words. */
export type MissingInWords = (missing: readonly Missing[]) => readonly string[];

export const userJson = ({ id, name, enabled, types, lastUsedAt }: ListedUser) => ({
  id,
  name,
  enabled,
  types,
  lastUsedAt: iso(lastUsedAt),
});

export const detailsJson = (user: UserDetails, inWords: MissingInWords) => ({
  id: user.id,
  name: user.name,
  isStaff: user.isStaff,
  enabled: user.enabled,
  factors: user.factors.map(({ type, id, label, hint, suspended, createdAt, lastUsedAt }) => ({
    type,
    id,
    label,
    hint,
    suspended,
    createdAt: iso(createdAt),
    lastUsedAt: iso(lastUsedAt),
  })),
  backupCodes: user.backupCodes && { left: user.backupCodes.left, total: user.backupCodes.total },
  lanes: { known: laneJson(user.lanes.known), others: laneJson(user.lanes.others) },
  browsers: user.browsers.map(({ firstAt, lastAt, rememberedUntil, ...browser }) => ({
    ...browser,
    firstAt: iso(firstAt),
    lastAt: iso(lastAt),
    rememberedUntil: iso(rememberedUntil),
  })),
  logins: user.logins.map(({ id, browser, address, since, lastAt, proofs }) => ({
    id,
    browser,
    address,
    since: iso(since),
    lastAt: iso(lastAt),
    proofs,
  })),
  contacts: user.contacts,
  liveCode: user.liveCode && { ...user.liveCode, expiresAt: iso(user.liveCode.expiresAt) },
  requests: user.requests.map((request) => requestJson(request, inWords)),
});

const laneJson = ({ left, closed, nextAt }: LaneStatus) => ({ left, closed, nextAt: iso(nextAt) });

export const requestJson = (
  { startedAt, earliestAt, dueAt, steps, evidence, ...request }: RequestView,
  inWords: MissingInWords,
) => ({
  ...request,
  evidence: {
    ...evidence,
    missing: inWords(evidence.missing),
    items: evidence.items.map(({ at, ...item }) => ({ ...item, at: iso(at) })),
  },
  startedAt: iso(startedAt),
  earliestAt: iso(earliestAt),
  dueAt: iso(dueAt),
  steps: stepsJson(steps),
});

export const requestDetailsJson = (details: RequestDetails, inWords: MissingInWords) => ({
  ...requestJson(details.request, inWords),
  said: details.said,
  known: {
    ...details.known,
    reachChangedAt: iso(details.known.reachChangedAt),
    passwordResetAt: iso(details.known.passwordResetAt),
  },
  matches: details.matches,
  papers: details.papers,
  notices: details.notices.map(({ at, ...notice }) => ({ ...notice, at: iso(at) })),
  waiting: details.waiting.map(({ at, ...notice }) => ({ ...notice, at: iso(at) })),
});

/** By the ids of users; of those who were forgotten, by what stands for it. */
export const recordJson = ({ at, actor, target, action, reason, request, previous, hash }: AuditRecord) => ({
  at: iso(at),
  actor: typeof actor === 'string' ? actor : idOf(actor),
  target: idOf(target),
  action,
  reason,
  request,
  previous,
  hash,
});

export const idOf = ({ id, pseudonym }: Person): string => id ?? pseudonym;
