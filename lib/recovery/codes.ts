import type { UserId } from '../account/terms';
import { cooldownOf, givenBack } from '../core/cooldown';
import { refusedBy, sentView, type Sent } from '../core/dispatch-code';
import { countTryOfCode, sentCodes } from '../core/login-tries';
import type { Scope } from '../core/scope';
import { codeIdOf } from '../crypto/digest';
import { TOTP_DIGITS } from '../crypto/otp';
import { randomCode, randomReference } from '../crypto/random';
import type { Address } from '../delivery/address';
import { clientAddress } from '../delivery/client-address';
import { hasNotLeft } from '../delivery/hand-over';
import type { MailLanguage } from '../delivery/message-texts';
import { refuse, refuseUntil, type Refusal } from '../errors';
import { readDigits } from '../factors/code-text';
import type { Budget, SentCode } from '../stores/contracts';
import { KNOWN_FOR } from './transitions';

/** What a code of a request proves. */
export type CodeFor = 'contact' | 'mail' | 'phone' | 'ticket';

/** Which code of which request. */
export interface CodeOf {
  readonly userId: UserId;
  /** The request; its link to set up new factors has codes of its own. */
  readonly id: string;
  readonly of: CodeFor;
}

/** NIST SP 800-63B-4 §4.2.1.2 allows ten minutes for a code by phone. */
const LIFE = 10 * 60_000;
/** Wrong tries at one code, over all that are sent for it: guessing one has 1 chance in 100 000. */
export const MOST_TRIES = 10;
export const LOCKED_FOR = 86_400_000;

/** Where a code goes, and at whose word. */
export interface SendingTo {
  /** null: there is no such address. */
  readonly to: Address | null;
  readonly isOnFile: boolean;
  /** Whether whoever asks has more than a name, such as the password. */
  readonly isProven: boolean;
  readonly language: MailLanguage;
}

/**
 * Sends a code, if every budget has one left. Where there is no such address, the budgets are taken and nothing is sent,
 * so that whoever asks learns nothing of what is on file.
 *
 * @param inBackground not to wait for the provider, which would tell as much
 */
export async function sendRequestCode(
  scope: Scope,
  code: CodeOf,
  where: SendingTo,
  inBackground = false,
): Promise<Sent | Refusal> {
  const { pending } = scope;
  const { to, language } = where;
  const { userId, of } = code;
  const id = idOf(code);
  const address = to ?? nowhere;
  const { told, quiet } = budgetsOf(scope, code, where);
  const [before, taken] = await Promise.all([pending.codes.read(id), pending.budgets.take(told)]);
  if (!taken.ok) return refusedBy(taken, scope.now());
  const isAllowed = quiet.length === 0 || (await pending.budgets.take(quiet)).ok;
  const now = scope.now();
  const [previous] = sentCodes(before);
  const digits = randomCode();
  const sent: SentCode = {
    kind: 'code',
    digest: scope.codeDigests.of(contextOf(code), digits),
    factorId: of,
    issuedAt: Math.max(now, (previous?.issuedAt ?? 0) + 1),
    until: now + LIFE,
    sends: previous && previous.until > now ? previous.sends + 1 : 1,
    reference: address.channel === 'email' ? randomReference() : '',
  };
  await pending.codes.put(id, sent, LIFE);
  const { reference } = sent;
  const purpose = 'lost_access';
  const send = async (): Promise<Refusal | null> => {
    if (!to || !isAllowed) return null;
    const type = `otp-${to.channel}` as const;
    const emit = scope.events.emit.bind(scope.events);
    const minutes = LIFE / 60_000;
    const failed = await scope.delivery.send({
      userId,
      to,
      purpose,
      code: digits,
      reference,
      minutes,
      language,
    });
    if (!failed) {
      emit({ name: 'code.sent', type }, { userId, at: scope.now() });
      return null;
    }
    emit({ name: 'code.failed', type, kind: failed.kind }, { userId, at: scope.now() });
    await Promise.all([
      pending.codes.remove(id, sent),
      pending.budgets.giveBack(givenBack(inBackground ? quiet : told, hasNotLeft(failed))),
    ]);
    return refuse('delivery_failed', { retryAfter: failed.retryAfter ?? 30 });
  };
  if (inBackground) send().catch(() => undefined);
  else {
    const failed = await send();
    if (failed) return failed;
  }
  return sentView(scope, address.hint, sent, LIFE);
}

/** The code that was sent last, while it works; `hint`: where it went. */
export async function sentRequestCode(scope: Scope, code: CodeOf, hint: string): Promise<Sent | null> {
  const [last] = sentCodes(await scope.pending.codes.read(idOf(code)));
  return last && scope.now() < last.until ? sentView(scope, hint, last, LIFE) : null;
}

/**
 * What a message takes one from. Until a link to new factors, whoever asks may have given a name only: then they are
 * refused by what is counted for their request, their own address and the app. What is counted for the user, and for an
 * address on file, is kept without a word (`quiet`): it would say whether there is such a user, and what they were sent.
 *
 * What strangers ask for by a name is counted apart from what is sent to whoever has more, and all of it from what
 * somebody who is signed in has sent to a new address.
 */
function budgetsOf(
  { delivery, request }: Scope,
  code: CodeOf,
  { to, isOnFile, isProven }: SendingTo,
): { readonly told: readonly Budget[]; readonly quiet: readonly Budget[] } {
  const ip = clientAddress(request?.address);
  const by = (user: string, address: Address) =>
    delivery.budgets({
      ...(!isProven && { of: 'name' }),
      userId: user,
      pool: 'unproven',
      hasAnswered: false,
      ip,
      to: address,
    });
  const { userId, id, of } = code;
  const waits = cooldownOf(idOf(code));
  const asked = isProven ? 'proven' : 'by name';
  const user = `lost access ${asked} ${userId}`;
  // Where there is none, the same work is done.
  const onFile = { ...(to ?? nowhere), countedAs: `on file ${asked} ${to?.countedAs ?? id}` };
  if (of === 'ticket') return { told: [...waits, ...by(user, onFile)], quiet: [] };
  // Whoever has only a name must not learn whether what they typed is on file.
  if (to && of === 'contact')
    return { told: [...waits, ...by(id, isOnFile && isProven ? onFile : to)], quiet: [] };
  return {
    told: [...waits, ...by(id, { ...nowhere, countedAs: `nowhere ${id} ${of}` })],
    quiet: by(user, onFile).filter(({ name }) => name !== 'ip' && name !== 'app'),
  };
}

/** Whether this is the code that was sent. The try is counted before it is judged. */
export async function checkRequestCode(
  scope: Scope,
  code: CodeOf,
  input: unknown,
): Promise<{ readonly ok: true } | Refusal> {
  const typed = readDigits(input, TOTP_DIGITS);
  if (!typed.ok) return typed;
  const tries = `${idOf(code)}:tries`;
  const { count, issued } = await countTryOfCode(scope.pending, tries, KNOWN_FOR, idOf(code));
  const now = scope.now();
  if (count > MOST_TRIES) return refuseUntil('locked', now + LOCKED_FOR, now);
  const isRight = sentCodes(issued)
    .map(({ digest, until }) => scope.codeDigests.isRight(digest, contextOf(code), typed.code) && now < until)
    .includes(true);
  if (!isRight) return refuse('wrong_code', { triesLeft: MOST_TRIES - count });
  await scope.pending.tries.takeBack(tries, KNOWN_FOR);
  return { ok: true };
}

const idOf = ({ id, of }: CodeOf): string => codeIdOf(id, 'lost_access', of);

const contextOf = ({ userId, id, of }: CodeOf) =>
  ({ userId, loginId: id, purpose: 'lost_access', factorId: of }) as const;

const nowhere: Address = {
  channel: 'email',
  address: '',
  key: '',
  countedAs: '',
  hint: '',
  range: null,
};
