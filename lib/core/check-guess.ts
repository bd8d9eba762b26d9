import type { CodeType } from '../account/account';
import { markUsed } from '../account/used-up-to';
import { checkSentCode } from '../factors/one-time-code';
import { checkTotp } from '../factors/totp';
import type { GuessCheck, GuessRule } from './judge-guess';
import { purposeOf } from './login-tries';
import type { JudgeInput } from './judgement';

/** A code of an authenticator app. */
export function checkApp({ account, now, scope }: JudgeInput, code: string): GuessCheck {
  const check = checkTotp(account, code, now, scope.settings.totpWindow, scope.seal);
  if (check.result !== 'right') return check;
  const { factor, step } = check;
  return { result: 'right', factorId: factor.id, account: markUsed(account, factor, step, now) };
}

/** A code that was sent; without a login none was. */
export const checkSent =
  (type: CodeType): GuessRule =>
  ({ account, now, counted, login, scope }, code) => {
    if (!login || !counted) return { result: 'wrong' };
    const sent = { loginId: login.loginId, purpose: purposeOf(login), codes: counted.codes };
    return checkSentCode(account, sent, type, code, now, scope.codeDigests);
  };
