import type { Account, CodeType } from '../account/account';
import { labelOf } from '../account/factors';
import { codeIdOf } from '../crypto/digest';
import { randomCode, randomReference } from '../crypto/random';
import { type Address, channelOf } from '../delivery/address';
import { clientAddress } from '../delivery/client-address';
import { hasNotLeft } from '../delivery/hand-over';
import type { MailLanguage, Purpose } from '../delivery/message-texts';
import { refuse, refuseUntil, type Refusal } from '../errors';
import type { PlannedEvent } from '../events';
import type { Login, SentCode } from '../stores/contracts';
import { visitOf } from './browser';
import { cooldownOf, cooldownOfAddress, givenBack, isCooldown, resendAt } from './cooldown';
import { refusedByTries, sentCodes } from './login-tries';
import type { Scope } from './scope';

/** Who asks for a code, from where, and in which language to word it. */
export interface SendRequest {
  readonly login: Login;
  /** What the browser sent in its cookie. */
  readonly tokens: readonly string[];
  readonly language: MailLanguage;
}

/** A code to be sent, and what it proves. */
export interface Outgoing {
  readonly type: CodeType;
  readonly purpose: Purpose;
  readonly to: Address;
  /** What the code proves: a factor, or the address being set up. */
  readonly factorId: string;
  readonly usedUpTo: number;
  /** Stores what belongs with the code, in the same round trip. */
  store?(): Promise<unknown>;
}

/** A code is on its way. Times in ms. */
export interface Sent {
  readonly ok: true;
  readonly hint: string;
  readonly expiresAt: number;
  readonly resendAt: number;
  readonly reference: string | null;
}

/**
 * Sends a code, if every budget has one left. In this order: the budgets are counted, in one round trip; the digest is
 * stored; the message is handed over. If that fails, the code is forgotten and no try is used.
 */
export async function dispatchCode(
  scope: Scope,
  { login, tokens, language }: SendRequest,
  account: Account,
  out: Outgoing,
): Promise<Sent | Refusal> {
  const { pending, delivery, settings } = scope;
  const { userId } = account;
  const { type, purpose, to, factorId } = out;
  const id = codeIdOf(login.loginId, purpose, type);
  const isOfAddress = purpose === 'enrol';
  const pool = isOfAddress ? 'unproven' : visitOf(account, tokens, scope).lane;
  const hasAnswered = out.usedUpTo > 0;
  const ip = clientAddress(scope.request?.address);
  const cooldown = isOfAddress ? cooldownOfAddress(id, factorId) : cooldownOf(id);
  const budgets = [...cooldown, ...delivery.budgets({ userId, pool, hasAnswered, ip, to })];
  const [over, before, taken] = await Promise.all([
    refusedByTries(scope, login),
    pending.codes.read(id),
    pending.budgets.take(budgets),
  ]);
  if (over) {
    if (taken.ok) await pending.budgets.giveBack(budgets);
    return over;
  }
  const emit = (event: PlannedEvent) => scope.events.emit(event, { userId, at: scope.now() });
  if (!taken.ok) {
    if (!isCooldown(taken.name)) emit({ name: 'sends.refused', type, budget: taken.name });
    return refusedBy(taken, scope.now());
  }

  const now = scope.now();
  const code = randomCode();
  const earlier = sentCodes(before);
  const previous = earlier.find((one) => !isOfAddress || one.factorId === factorId);
  // The address asked for last is the last by any clock.
  const afterOthers = isOfAddress ? (earlier[0]?.issuedAt ?? 0) + 1 : 0;
  const sent: SentCode = {
    kind: 'code',
    digest: scope.codeDigests.of({ userId, loginId: login.loginId, purpose, factorId }, code),
    factorId,
    issuedAt: Math.max(now, out.usedUpTo + 1, afterOthers),
    until: now + settings.codeLife,
    sends: previous && previous.until > now ? previous.sends + 1 : 1,
    reference: to.channel === 'email' ? randomReference() : '',
  };
  await Promise.all([pending.codes.put(id, sent, settings.codeLife), out.store?.()]);

  const minutes = Math.round(settings.codeLife / 60_000);
  const { reference } = sent;
  const label = labelOf(account, factorId);
  const failed = await delivery.send({ userId, to, purpose, code, reference, minutes, language });
  if (failed) {
    emit({ name: 'code.failed', type, ...label, kind: failed.kind });
    const back = givenBack(budgets, hasNotLeft(failed));
    await Promise.all([pending.codes.remove(id, sent), pending.budgets.giveBack(back)]);
    return refuse('delivery_failed', { retryAfter: failed.retryAfter ?? 30 });
  }
  emit({ name: 'code.sent', type, ...label });
  const low = delivery.noteSent(channelOf(type), now);
  if (low) emit({ name: 'sends.unused', ...low });
  return sentView(scope, to.hint, sent);
}

export const sentView = (
  scope: Scope,
  hint: string,
  sent: SentCode,
  life = scope.settings.codeLife,
): Sent => ({
  ok: true,
  hint,
  expiresAt: sent.until,
  resendAt: resendAt(sent, life),
  reference: sent.reference || null,
});

export function refusedBy({ name, waitMs }: { name: string; waitMs: number }, now: number): Refusal {
  const code = isCooldown(name) ? 'resend_too_soon' : name === 'ip' ? 'slow_down' : 'too_many_sends';
  return refuseUntil(code, now + waitMs, now);
}
