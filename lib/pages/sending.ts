import type { Request } from 'express';
import type { Account, CodeType } from '../account/account';
import type { Scope } from '../core/scope';
import type { SendRequest, Sent } from '../core/dispatch-code';
import { sentCode } from '../core/send-code';
import { describe } from '../core/status';
import type { MailLanguage } from '../delivery/message-texts';
import type { Login } from '../stores/contracts';
import { directionOf } from './locale';
import { iso, type PageContext } from './page-context';
import type { SendingView, SentView } from './views';

/** Who requests a code, from which browser, and in which language. */
export function sendRequest({ runtime, renderer }: PageContext, req: Request, login: Login): SendRequest {
  return {
    login,
    tokens: runtime.browser.tokensOf(req),
    language: languageOf({ renderer }, req),
  };
}

/** The language of a message that this request causes. */
export function languageOf({ renderer }: Pick<PageContext, 'renderer'>, req: Request): MailLanguage {
  const lang = renderer.languageOf(req);
  return { lang, dir: directionOf(lang) };
}

export async function sendingView(
  scope: Scope,
  login: Login,
  account: Account,
  type: CodeType,
  base: string,
): Promise<SendingView> {
  const sent = await sentCode(scope, login, account, type);
  return {
    destinations: describe(scope, account)
      .factors.filter((factor) => factor.type === type)
      .map(({ id, label, hint }) => ({ id, label, hint: hint ?? '' })),
    sendUrl: `${base}/${type}/send`,
    sent: sent && viewOf(sent, scope.now()),
  };
}

export const viewOf = (
  { hint, expiresAt, resendAt, reference }: Omit<Sent, 'ok'>,
  now: number,
): SentView => ({
  hint,
  expiresAt,
  // Pages show it to the second, and never too early.
  resendAt: Math.ceil(resendAt / 1000) * 1000,
  resendIn: Math.max(0, resendAt - now),
  reference,
});

export const sentJson = ({ hint, expiresAt, resendAt, reference }: Sent) => ({
  sentTo: hint,
  expiresAt: iso(expiresAt),
  resendAt: iso(resendAt),
  ...(reference !== null && { reference }),
});
