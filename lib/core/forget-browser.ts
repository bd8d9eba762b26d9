import type { Browser } from '../account/account';
import { forgetBrowser, forgetBrowsers } from '../account/browsers';
import { refuse, type Refusal } from '../errors';
import type { Login } from '../stores/contracts';
import { isOver } from './freshness';
import type { Scope } from './scope';
import { unchanged, update } from './update';

export interface Forgotten {
  readonly ok: true;
  readonly browsers: readonly Browser[];
}

/**
 * Forgets one browser at the request of its user, or all of them. It needs no fresh proof: it only takes trust away,
 * and people who find a browser that is not theirs must not have to look for their phone first.
 *
 * @param id null: all
 */
export const forgetBrowsersOf = (
  scope: Scope,
  login: Login,
  id: string | null,
): Promise<Forgotten | Refusal> =>
  update<Forgotten | Refusal>(scope, login.userId, (account) => {
    if (isOver(login, account)) return unchanged(refuse('sign_in_required'));
    const browsers = account.browsers.filter((one) => id === null || one.id === id);
    if (id !== null && browsers.length === 0) return unchanged(refuse('not_found'));
    const forgotten = id === null ? forgetBrowsers(account) : forgetBrowser(account, id);
    if (forgotten === account) return unchanged({ ok: true, browsers });
    return {
      account: forgotten,
      outcome: { ok: true, browsers },
      events: browsers.map(({ id: browserId }) => ({ name: 'browser.forgotten', browserId })),
    };
  });
