import type { Account } from '../account/account';
import { owesFactor } from '../account/factors';
import type { Refusal } from '../errors';
import type { Login } from '../stores/contracts';
import { refuseStale } from './freshness';
import type { Scope } from './scope';

/**
 * A complete login, its account, and whether it may change factors. Reading and confirming set-ups, changing factors
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
   * Why this login may not change factors now; null: it may.
   *
   * @param account as it is now
   */
  refusal(scope: Scope, account: Account = this.account): Refusal | null {
    return refuseStale(scope, this.login, account, this.#reauthenticated);
  }
}
