import { withFactor } from '../account/factors';
import type { Account, Channel, CodeType, SentCodeFactor } from '../account/account';
import { hasAddress } from '../core/enrol-code';
import { type GuessRule, readGuess } from '../core/judge-guess';
import { purposeOf, sentCodes } from '../core/login-tries';
import { countUsable } from '../core/offer';
import type { FactorBase, Scope } from '../core/scope';
import { refuse } from '../errors';
import { checkSentCode, sealAddress } from '../factors/one-time-code';
import { enrolCodePages } from '../pages/enrol-code';
import { sendingView } from '../pages/sending';
import { stepSendPage } from '../pages/step';
import { OtpEmailStrategy } from '../../strategies/otp-email';
import { OtpSmsStrategy } from '../../strategies/otp-sms';
import { ordinary, type Row } from './row';

/** Codes that are sent, by text message or by e-mail. */
const sentCode = <Type extends CodeType>(
  type: Type,
  channel: Channel,
  own: Pick<Row<Type>, 'isOnPhone' | 'amr' | 'Strategy'> & { readonly place: number },
): Row<CodeType> => ({
  isGuess: () => true,
  isIssued: true,
  isStrong: false,
  resistsPhishing: false,
  isOnPhone: own.isOnPhone,
  hasOwnWords: false,
  amr: own.amr,
  isOn: ({ delivery }) => delivery.isOn(type),
  countOf: (app, account) => countUsable(app, account, type),
  read: readGuess(check(type)),
  noteAccepted: (scope) => scope.delivery.noteVerified(channel, scope.now()),
  factor: {
    ...ordinary,
    most: ({ limits }) => limits.addresses,
    mapSealed: (factor, user, map) => ({
      ...factor,
      address: map(factor.address, { user, factor: factor.id, purpose: 'address' }),
    }),
    describe: (_settings, { hint }) => ({ hint, key: null }),
    draft: () => ({ kind: type }),
    make: (account, { proof }, base, scope) => {
      if (hasAddress(scope, account, type, proof.address)) return refuse('duplicate');
      const factor = addressOf(
        account,
        type,
        base,
        { address: proof.address, hint: proof.hint ?? '' },
        scope,
      );
      return { ok: true, account, factor };
    },
    // Nothing is imported for a channel that is off: the user would owe a code that nobody sends.
    import: (scope, given) => {
      if (!scope.delivery.isOn(type)) return refuse('not_found');
      if (given.type !== 'otp-sms' && given.type !== 'otp-email') return refuse('not_found');
      const read = scope.delivery.read(type, given.address);
      if (!read.ok) return read;
      const { address } = read;
      return {
        ok: true,
        duplicate: (account) => (hasAddress(scope, account, type, address.address) ? 'address' : null),
        add: (account, base) => withFactor(account, addressOf(account, type, base, address, scope)),
      };
    },
  },
  pages: {
    place: own.place,
    field: 'code',
    asks: `/${type}/send`,
    routes: (router, context) => {
      stepSendPage(router, context, type);
      enrolCodePages(router, context, type);
    },
    step: async ({ scope, login, account, base }) => ({
      sending: await sendingView(scope, login, account, type, base),
    }),
  },
  Strategy: own.Strategy,
});

export const otpSms = sentCode('otp-sms', 'sms', {
  isOnPhone: true,
  amr: () => 'sms',
  place: 3,
  Strategy: OtpSmsStrategy,
});

export const otpEmail = sentCode('otp-email', 'email', {
  isOnPhone: false,
  amr: () => null,
  place: 4,
  Strategy: OtpEmailStrategy,
});

/** Without a login no code was sent. */
function check(type: CodeType): GuessRule {
  return ({ account, now, counted, login, scope }, code) => {
    if (!login || !counted) return refuse('wrong_code');
    const sent = { loginId: login.loginId, purpose: purposeOf(login), codes: sentCodes(counted.issued) };
    return checkSentCode(account, sent, type, code, now, scope.codeDigests);
  };
}

const addressOf = (
  account: Account,
  type: CodeType,
  base: FactorBase,
  { address, hint }: { readonly address: string; readonly hint: string },
  { seal }: Scope,
): SentCodeFactor => ({
  ...base,
  type,
  hint,
  address: sealAddress(account.userId, base.id, address, seal),
});
