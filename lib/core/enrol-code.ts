import type { Account, CodeType } from '../account/account';
import { codeIdOf } from '../crypto/digest';
import { TOTP_DIGITS } from '../crypto/otp';
import { channelOf } from '../delivery/address';
import { type Refusal, refuse } from '../errors';
import { readDigits } from '../factors/code-text';
import { codeFactors, openAddress } from '../factors/one-time-code';
import type { Access } from './access';
import { refuseContact } from './contact-hold';
import { type Confirmed, type ConfirmInput, confirmSetup, readConfirmation } from './confirm-setup';
import { dispatchCode, type SendRequest, type Sent, sentView } from './dispatch-code';
import { countTryOfCode, sentCodes } from './login-tries';
import { refuseFull } from './offer';
import type { Scope } from './scope';
import { cancelSetup, getBeside, openSetup, putBeside, readSetup } from './setup';

/** Where one code of a set-up went. */
interface SentTo {
  readonly address: string;
  readonly hint: string;
}

const purpose = 'enrol';

/** Sends a code to an address that its owner wants to add; begins a set-up if there is none. */
export async function sendEnrolCode(
  scope: Scope,
  request: SendRequest,
  access: Access,
  type: CodeType,
  input: unknown,
): Promise<Sent | Refusal> {
  const { login, account } = access;
  if (!scope.delivery.isOn(type)) return refuse('not_found');
  const full = refuseContact(scope, account, type) ?? refuseFull(scope, account, type);
  if (full) return full;
  const read = scope.delivery.read(type, input);
  if (!read.ok) return read;
  const { address: to } = read;
  if (hasAddress(scope, account, type, to.address)) return refuse('duplicate', { field: 'address' });
  const opened = await openSetup(scope, access, type);
  if (!opened.ok) return opened;
  const { setup } = opened;
  // The code confirms what it was sent to, also when another address is tried after it. A digest by a key, as numbers can
  // be guessed: the same for one address, so that only a changed one does not wait.
  const { userId, loginId } = login;
  const factorId = scope.codeDigests.of(
    { userId, loginId, purpose: 'address', factorId: setup.factorId },
    to.key,
  );
  const sentTo: SentTo = { address: to.address, hint: to.hint };
  return dispatchCode(scope, request, account, {
    type,
    purpose,
    to,
    factorId,
    usedUpTo: 0,
    store: () => putBeside(scope, login, setup, factorId, sentTo),
  });
}

/** The code of this set-up that was sent, if there is one, with the full address: its owner has only just typed it. */
export async function sentEnrolCode(
  scope: Scope,
  access: Access,
  type: CodeType,
): Promise<(Sent & { readonly address: string }) | null> {
  const { login } = access;
  const [begun, issued] = await Promise.all([
    readSetup(scope, access, type),
    scope.pending.codes.read(codeIdOf(login.loginId, purpose, type)),
  ]);
  const [sent] = sentCodes(issued);
  if (!begun?.ok || begun.proof || !sent || sent.until <= scope.now()) return null;
  const to = await getBeside<SentTo>(scope, login, begun.setup, sent.factorId);
  return to && { ...sentView(scope, to.hint, sent), address: to.address };
}

/**
 * A phone that the app knows and its user has not added yet, so that it need not be typed. A mailbox is not offered: the
 * one that the app knows is where passwords are reset, and codes are better sent to another.
 */
export async function phoneToOffer(scope: Scope, { account }: Access): Promise<string | null> {
  const known = (await scope.notices.addressesOf(account)) ?? [];
  const phone = known.find(
    ({ channel, address }) => channel === 'sms' && !hasAddress(scope, account, 'otp-sms', address),
  );
  return phone?.address ?? null;
}

/**
 * Adds the address the code was sent to, which has to be the one requested last: a code sent to an address that was
 * given up for another is wrong. After five wrong codes the set-up starts over.
 */
export async function confirmCode(
  scope: Scope,
  access: Access,
  type: CodeType,
  input: ConfirmInput,
  tokens: readonly string[],
): Promise<Confirmed | Refusal> {
  const typed = readDigits(input.code, TOTP_DIGITS);
  if (!typed.ok) return typed;
  const { code } = typed;
  const read = await readConfirmation(scope, access, type, input);
  if (!read.ok) return read;
  const { setup, label, isNamed } = read;
  const { loginTries, setupLife } = scope.settings;
  const { login } = access;
  const { userId, loginId } = login;
  const codeId = codeIdOf(loginId, purpose, type);
  const { count, issued } = await countTryOfCode(scope.pending, setup.factorId, setupLife, codeId);
  if (count > loginTries) return refuse('conflict');

  const now = scope.now();
  const codes = sentCodes(issued);
  const [right] = codes.filter(
    ({ digest, factorId, until }) =>
      scope.codeDigests.isRight(digest, { userId, loginId, purpose, factorId }, code) && now < until,
  );
  const address = right ? await getBeside<SentTo>(scope, login, setup, right.factorId) : null;
  const isLast = right?.factorId === codes[0]?.factorId;
  if (!address || !isLast) {
    if (count >= loginTries) await cancelSetup(scope, login, type);
    const triesLeft = loginTries - count;
    return refuse('wrong_code', { triesLeft, ...(address && { reason: 'address_given_up' }) });
  }
  scope.delivery.noteVerified(channelOf(type), now);
  const usedUpTo = Math.max(...codes.map(({ issuedAt }) => issuedAt));
  const sent = { address: address.address, thing: address.address, hint: address.hint };
  const proof = { kind: type, usedUpTo, label, isNamed, at: now, ...sent };
  return confirmSetup(scope, access, { setup, proof }, tokens);
}

type Reader = Pick<Scope, 'delivery'>;

/** Whether this address, in any spelling, is already enrolled. */
export const hasAddress = (
  scope: Reader & Pick<Scope, 'seal'>,
  account: Account,
  type: CodeType,
  address: string,
): boolean =>
  codeFactors(account, type).some((factor) =>
    isSameAddress(scope, type, openAddress(account, factor, scope.seal), address),
  );

/** The same phone or mailbox, in whatever spelling. */
function isSameAddress({ delivery }: Reader, type: CodeType, one: string, other: string): boolean {
  const keyOf = (text: string): string => {
    const read = delivery.read(type, text);
    return read.ok ? read.address.key : text;
  };
  return keyOf(one) === keyOf(other);
}
