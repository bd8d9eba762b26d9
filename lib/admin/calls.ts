import type { UserId } from '../account/account';
import type { AuditRecord } from '../account/audit';
import type { AskCode, RejectCode } from '../account/recovery';
import { refuse, type Refusal } from '../errors';
import { type Acted, endLogins, suspendFactor, unlock } from './acts';
import type { LiveCodeMade } from '../recovery/live-code';
import { confirmLiveCodeFor, liveCodeFor } from './live-code';
import type { Office } from './office';
import { requestDetails, type RequestDetails } from './request';
import {
  type Handled,
  handleRequest,
  isVerb,
  judgeEvidence,
  listRequests,
  type RequestList,
  type RequestVerb,
} from './requests';
import { type Reset, reset } from './reset';
import { userDetails, type UserDetails } from './user';
import { findUsers, PAGE, type UserList, usersWithout } from './users';

/** Who does something to somebody else's account, and why. */
export interface ByStaff {
  /** The id of the user who does it. */
  readonly actor: unknown;
  /** 10 to 1 000 characters, for the record. */
  readonly reason: string;
}

interface PageOf {
  /** `next` of the page before. */
  readonly after?: string | null;
  /** At most 50. */
  readonly limit?: number;
}

/**
 * What the administrator's pages do, for an app's own. Who may do it, and that it is really them, is for the caller to
 * check. What the pages refuse to everybody is refused here too: to act on oneself, or to decide what one began.
 */
export interface AdminCalls {
  /** @throws SecondFactorError `bad_option` without `users.find` */
  find(query: string, page?: PageOf): Promise<UserList | Refusal>;
  /** Users without a second factor. It reads every account. */
  without(page?: PageOf): Promise<(UserList & { readonly count: number }) | Refusal>;
  user(userId: unknown): Promise<UserDetails | Refusal>;
  suspend(userId: unknown, act: ByStaff & { readonly factorId: string }): Promise<Acted | Refusal>;
  unlock(userId: unknown, act: ByStaff): Promise<Acted | Refusal>;
  endLogins(userId: unknown, act: ByStaff): Promise<Acted | Refusal>;
  /** Begins a request for access: the only way to a reset. */
  reset(userId: unknown, act: ByStaff): Promise<Reset | Refusal>;
  /** Makes a code for live support, shown once; of use only once another person has confirmed it. */
  liveCode(userId: unknown, act: ByStaff): Promise<LiveCodeMade | Refusal>;
  /** @param act `codeId`: the code that was seen, as `user()` names it; another one is then refused */
  confirmLiveCode(userId: unknown, act: ByStaff & { readonly codeId?: string }): Promise<Acted | Refusal>;
  requests(query?: {
    readonly state?: string;
    readonly after?: string | null;
  }): Promise<RequestList | Refusal>;
  /** @param actor whose possibilities it tells */
  request(reference: string, actor: unknown): Promise<RequestDetails | Refusal>;
  /**
   * @param act `accountName`, the name of the user, is needed to recommend and to approve. `because` is what whoever asks
   * is told when more is asked for, or it is turned down; to ask for more, they are told the `reason` as well
   */
  handle(
    reference: string,
    verb: RequestVerb,
    act: ByStaff & { readonly accountName?: string; readonly because?: AskCode | RejectCode },
  ): Promise<Handled | Refusal>;
  judge(
    reference: string,
    itemId: string,
    act: { readonly actor: unknown; readonly verdict: string; readonly note: string },
  ): Promise<Handled | Refusal>;
  audit(userId: unknown): Promise<readonly AuditRecord[]>;
}

interface CallParts {
  /** An office of somebody who may do everything. */
  readonly officeOf: (by: UserId) => Office;
  readonly idOf: (call: string, id: unknown) => UserId;
  readonly recordsOf: (id: UserId) => Promise<readonly AuditRecord[]>;
}

/** Nobody in particular: what only reads needs no name. */
const NOBODY = '' as UserId;

export function createAdminCalls({ officeOf, idOf, recordsOf }: CallParts): AdminCalls {
  const of = (call: string, userId: unknown, { actor }: Pick<ByStaff, 'actor'>) => ({
    office: officeOf(idOf(call, actor)),
    id: idOf(call, userId),
  });
  const pageOf = ({ after = null, limit = PAGE }: PageOf = {}) => ({
    after,
    limit: Math.max(1, Math.min(limit, PAGE)),
  });
  return {
    find: (query, page) => findUsers(officeOf(NOBODY), query, pageOf(page)),
    without: (page) => usersWithout(officeOf(NOBODY), pageOf(page)),
    user: async (userId) => userDetails(officeOf(NOBODY), idOf('admin.user', userId)),
    suspend: async (userId, act) => {
      const { office, id } = of('admin.suspend', userId, act);
      return suspendFactor(office, id, act.factorId, act.reason);
    },
    unlock: async (userId, act) => {
      const { office, id } = of('admin.unlock', userId, act);
      return unlock(office, id, act.reason);
    },
    endLogins: async (userId, act) => {
      const { office, id } = of('admin.endLogins', userId, act);
      return endLogins(office, id, act.reason);
    },
    reset: async (userId, act) => {
      const { office, id } = of('admin.reset', userId, act);
      return reset(office, id, act.reason);
    },
    liveCode: async (userId, act) => {
      const { office, id } = of('admin.liveCode', userId, act);
      return liveCodeFor(office, id, act.reason);
    },
    confirmLiveCode: async (userId, act) => {
      const { office, id } = of('admin.confirmLiveCode', userId, act);
      return confirmLiveCodeFor(office, id, act.reason, act.codeId);
    },
    requests: ({ state = null, after = null } = {}) => listRequests(officeOf(NOBODY), { state, after }),
    request: async (reference, actor) => requestDetails(officeOf(idOf('admin.request', actor)), reference),
    handle: async (reference, verb, act) =>
      isVerb(verb)
        ? handleRequest(officeOf(idOf('admin.handle', act.actor)), reference, verb, act)
        : refuse('not_found'),
    judge: async (reference, itemId, act) =>
      judgeEvidence(officeOf(idOf('admin.judge', act.actor)), reference, itemId, act),
    audit: async (userId) => recordsOf(idOf('admin.audit', userId)),
  };
}
