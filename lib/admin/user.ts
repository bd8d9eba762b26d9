import type { Account, Browser, UserId } from '../account/account';
import { type BackupCodeCount, countBackupCodes } from '../account/backup-codes';
import { owesFactor } from '../account/factors';
import { isClosed, laneAt, nextTryAt } from '../account/tries';
import { describeLogins, listLogins, type LoginStatus } from '../core/login-list';
import { rememberedUntil } from '../core/remembered';
import type { Scope } from '../core/scope';
import { describeFactor, type FactorStatus, loadAccount } from '../core/status';
import type { Channel } from '../account/terms';
import type { Refusal } from '../errors';
import { type Office, targetOf } from './office';
import { type RequestView, viewOf } from './request-view';

export interface LaneStatus {
  readonly left: number;
  /** So many were wrong in a row that no code counts until something stronger is proven. */
  readonly closed: boolean;
  /** When a try comes back (ms); null: there are all. */
  readonly nextAt: number | null;
}

/** Everything about one user that helps and is no secret. Times in ms. */
export interface UserDetails {
  readonly ok: true;
  readonly id: UserId;
  readonly name: string;
  readonly isStaff: boolean;
  readonly enabled: boolean;
  readonly factors: readonly (FactorStatus & { readonly suspended: boolean })[];
  readonly backupCodes: BackupCodeCount | null;
  readonly lanes: { readonly known: LaneStatus; readonly others: LaneStatus };
  readonly browsers: readonly {
    readonly id: string;
    readonly name: Browser['name'];
    readonly firstAt: number;
    readonly lastAt: number;
    readonly rememberedUntil: number | null;
  }[];
  readonly logins: readonly LoginStatus[];
  /** Masked. */
  readonly contacts: readonly { readonly channel: Channel; readonly address: string }[];
  readonly requests: readonly RequestView[];
  /** A code for live support that can still be used, or confirmed; null: there is none. */
  readonly liveCode: {
    readonly id: string;
    readonly by: UserId;
    readonly expiresAt: number;
    readonly confirmed: boolean;
  } | null;
}

/** One user, without anything that opens an account. */
export async function userDetails(office: Office, id: UserId): Promise<UserDetails | Refusal> {
  const target = await targetOf(office, 'users.read', id);
  if (!target.ok) return target;
  const { scope, people } = office;
  const account = await loadAccount(scope, id);
  const [logins, contacts] = await Promise.all([
    listLogins(scope, { userId: id, epoch: account.epoch }),
    scope.notices.addressesOf(account),
  ]);
  return {
    ok: true,
    id,
    name: people.nameOf(target.user),
    isStaff: await people.isStaff(target.user),
    enabled: owesFactor(account),
    factors: factorsOf(scope, account),
    backupCodes: countBackupCodes(account),
    lanes: { known: laneOf(scope, account, 'known'), others: laneOf(scope, account, 'others') },
    browsers: account.browsers.map((browser) => ({
      id: browser.id,
      name: browser.name,
      firstAt: browser.addedAt,
      lastAt: browser.lastSeenAt,
      rememberedUntil: rememberedUntil(browser, scope.settings, scope.now()),
    })),
    logins: describeLogins(logins, { loginId: '' }),
    contacts: (contacts ?? []).map(({ channel, hint }) => ({ channel, address: hint })),
    liveCode: liveCodeOf(scope, account),
    requests: (account.recoveries ?? []).map((request) => viewOf(office, { account, request }, target.user)),
  };
}

function liveCodeOf(scope: Scope, { liveCode }: Account): UserDetails['liveCode'] {
  if (!liveCode || liveCode.until <= scope.now()) return null;
  const { id, by, until, confirmedBy } = liveCode;
  return { id, by, expiresAt: until, confirmed: confirmedBy !== undefined };
}

const factorsOf = (scope: Scope, account: Account) => [
  ...account.factors.map((factor) => ({ ...describeFactor(scope, account, factor), suspended: false })),
  ...(account.suspended ?? []).map((factor) => ({
    ...describeFactor(scope, account, factor),
    suspended: true,
  })),
];

function laneOf(scope: Scope, { lanes }: Account, name: 'known' | 'others'): LaneStatus {
  const { limits } = scope.settings;
  const lane = laneAt(lanes[name], scope.now(), limits);
  const isFull = lane.left >= limits.laneTries;
  return { left: lane.left, closed: isClosed(lane, limits), nextAt: isFull ? null : nextTryAt(lane, limits) };
}
