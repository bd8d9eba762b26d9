import type { Account } from '../account/account';
import { heldUntil, settleObjections } from '../account/objections';
import { owesFactor } from '../account/factors';
import { withoutProofs } from '../account/regained';
import { refuse, refuseUntil, type Refusal } from '../errors';
import type { Login } from '../stores/contracts';
import { type EnrolLogin, isEnrolLogin, isEnrolOpen } from './enrol-login';
import { refuseStale } from './freshness';
import type { Scope } from './scope';

/**
 * A login, its account, and whether it may change factors. Reading and confirming set-ups, changing factors
 * and ending other logins all require one, so no page can forget the check; and it is checked again in the save itself,
 * on the account that is saved over.
 */
export class Access {
  readonly #reauthenticated: boolean;

  private constructor(
    readonly login: Login,
    readonly account: Account,
    reauthenticated: boolean,
  ) {
    this.#reauthenticated = reauthenticated;
  }

  /** @param reauthenticate asks the app whether the first factor was just proven again; called only if that matters */
  static async of(
    scope: Scope,
    login: Login,
    account: Account,
    reauthenticate: () => boolean | Promise<boolean> = () => false,
  ): Promise<Access> {
    const counts = !owesFactor(account) && refuseStale(scope, login, account) !== null;
    return new Access(login, account, counts && (await reauthenticate()));
  }

  /**
   * For somebody who is let in again: it shows nothing of what signed in before, and lets nothing be done but set up what
   * takes its place.
   */
  static toEnrol(login: EnrolLogin, account: Account): Access {
    return new Access(login, withoutProofs(account), false);
  }

  /** The request for access that is completed by what this login sets up; null: it is a login like any other. */
  get regains(): string | null {
    return isEnrolLogin(this.login) ? this.login.enrol : null;
  }

  /** The account as this login sees it. */
  seen(account: Account): Account {
    return this.regains === null ? account : withoutProofs(account);
  }

  /**
   * Why this login may not set up a factor now; null: it may.
   *
   * @param account as it is now
   */
  refusalToSetUp(scope: Scope, account: Account = this.account): Refusal | null {
    if (!isEnrolLogin(this.login)) return this.refusal(scope, account);
    return isEnrolOpen(this.login, account, scope.now()) ? null : refuse('sign_in_required');
  }

  /**
   * Why this login may not change factors now; null: it may.
   *
   * @param account as it is now
   */
  refusal(scope: Scope, account: Account = this.account): Refusal | null {
    return this.staleness(scope, account) ?? refuseHeld(account, scope.now());
  }

  /** The same for what an objection does not hold up: ending logins, and lifting what it holds. */
  staleness(scope: Scope, account: Account = this.account): Refusal | null {
    return refuseStale(scope, this.login, account, this.#reauthenticated);
  }

  /** The account to save after a change: what its owner must know of by now can no longer be objected to. */
  settled = (account: Account): Account => settleObjections(account, this.login.proofs);
}

function refuseHeld(account: Account, now: number): Refusal | null {
  const until = heldUntil(account, now);
  return until === null ? null : refuseUntil('changes_held', until, now);
}
