import type { Account } from '../account/account';
import { owesFactor } from '../account/factors';
import type { Refusal } from '../errors';
import type { Login } from '../stores/contracts';
import { refuseStale } from './freshness';
import type { Scope } from './scope';

/**
 * A complete login, its account, and whether it may change factors. Set-ups are read and confirmed, factors changed and
 * other logins ended with one of these alone, so no page can forget to ask; and it is asked once more, on the account
 * that is saved over, in the save itself.
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

  /**
   * @param reauthenticate asks the app whether the first factor was just proven again; called only where that counts
   */
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
   * Why factors may not be changed by it now; null: they may.
   *
   * @param account as it is by now
   */
  refusal(scope: Scope, account: Account = this.account): Refusal | null {
    return refuseStale(scope, this.login, account, this.#reauthenticated);
  }
}
