import type { Channel, CodeType } from '../account/account';
import type { Budget } from '../stores/contracts';
import { type Address, channelOf, readAddress, type ReadAddress } from './address';
import { attempt } from './attempt';
import { type BudgetIds, type Send, sendBudgets, type SendLimit, type SendLimits } from './budgets';
import { createConversion, type LowConversion } from './conversion';
import { handOver, type NotSent } from './hand-over';
import { type MailKey, mailText } from './mail-text';
import type { EmailMessage, Message, Sender, SmsMessage } from './message';
import type { MailLanguage, MessageTexts, Purpose } from './message-texts';
import type { PhoneRules } from './phone';
import { type SmsKey, smsText } from './sms-text';

/** A message that is about to be sent. */
export interface OutgoingCode {
  readonly userId: string;
  readonly channel: Channel;
  /** In full: a SIM swap check needs it. */
  readonly to: string;
  readonly purpose: Purpose;
}

/** The app's options, checked; a channel without a sender is off. */
export interface DeliveryOptions {
  readonly sms: (PhoneRules & { readonly send: Sender<SmsMessage>; readonly notices: boolean }) | null;
  readonly email: {
    readonly send: Sender<EmailMessage>;
    readonly codes: boolean;
    readonly notices: boolean;
  } | null;
  readonly limits: SendLimits;
  /** ms */
  readonly timeout: number;
  readonly beforeSend: ((outgoing: OutgoingCode) => boolean | Promise<boolean>) | null;
  /** The share of used codes below which the app is warned. */
  readonly leastUsed: number;
  readonly appName: string;
  readonly host: string;
}

export interface CodeMessage {
  readonly userId: string;
  readonly to: Address;
  readonly purpose: Purpose;
  readonly code: string;
  readonly reference: string;
  readonly minutes: number;
  readonly language: MailLanguage;
}

/** Everything needed to send a code or a notice, made once. */
export interface Delivery {
  /** Whether codes are sent. */
  isOn(type: CodeType): boolean;
  /** Whether notices are. */
  tells(channel: Channel): boolean;
  /** Whether anything is. */
  reaches(channel: Channel): boolean;
  read(type: CodeType, input: unknown): ReadAddress;
  budgets(send: Omit<Send, 'channel' | 'address' | 'phone'> & { readonly to: Address }): readonly Budget[];
  /** What is limited for each client, besides messages. `ip` as `clientAddress` says it. */
  visitBudgets(what: string, ip: string, limit: SendLimit): readonly Budget[];
  /** @returns why it was not sent; null if the provider accepted it */
  send(message: CodeMessage): Promise<NotSent | null>;
  /** The same for a message that holds no code: no budget and no hook of the app's is asked. */
  pass(message: Message, signal: AbortSignal): Promise<NotSent | null>;
  /** The same for a link that confirms a sign-in, of which the app's hook is asked as of a code. */
  passLink(userId: string, to: Address, message: Message): Promise<NotSent | null>;
  noteSent(channel: Channel, now: number): LowConversion | null;
  noteVerified(channel: Channel, now: number): void;
}

export function createDelivery(
  options: DeliveryOptions,
  texts: MessageTexts<SmsKey | MailKey>,
  idsOf: BudgetIds,
): Delivery {
  const { sms, email, limits, timeout, appName, host } = options;
  const rules: PhoneRules = sms ?? { regions: null, defaultRegion: null };
  const conversion = createConversion(options.leastUsed);

  /** If the hook throws, or takes longer than a sender may, that is not a yes. */
  async function mayLeave({
    userId,
    to,
    purpose,
  }: Pick<CodeMessage, 'userId' | 'to' | 'purpose'>): Promise<boolean> {
    const { beforeSend } = options;
    if (beforeSend === null) return true;
    const outgoing: OutgoingCode = { userId, channel: to.channel, to: to.address, purpose };
    const said: unknown = await attempt(() => beforeSend(outgoing), { timeout }).catch(() => false);
    return said === true;
  }

  async function pass(message: Message, signal?: AbortSignal): Promise<NotSent | null> {
    if (message.channel === 'sms') return sms ? handOver(sms.send, message, timeout, signal) : notAccepted;
    return email ? handOver(email.send, message, timeout, signal) : notAccepted;
  }

  return {
    isOn: (type) => (channelOf(type) === 'sms' ? sms !== null : email?.codes === true),
    tells: (channel) => (channel === 'sms' ? sms : email)?.notices === true,
    reaches: (channel) => (channel === 'sms' ? sms : email) !== null,
    read: (type, input) => readAddress(type, input, rules),
    budgets: ({ to, ...send }) =>
      sendBudgets({ ...send, channel: to.channel, address: to.countedAs, phone: to.range }, idsOf, limits),
    visitBudgets: (what, ip, { sends, per }) =>
      idsOf('visit', what, ip).map((id) => ({ name: 'ip', id, points: sends, ms: per })),
    send: async (message) => {
      if (!(await mayLeave(message))) return notAccepted;
      const { to, language, ...text } = message;
      if (to.channel === 'sms' && sms) {
        const body = smsText(texts, language.lang, { ...text, appName, host });
        return handOver(sms.send, { channel: 'sms', to: to.address, text: body }, timeout);
      }
      if (to.channel === 'email' && email) {
        const mail = mailText(texts, language, { ...text, appName });
        return handOver(email.send, { channel: 'email', to: to.address, ...mail }, timeout);
      }
      return notAccepted;
    },
    pass,
    passLink: async (userId, to, message) =>
      (await mayLeave({ userId, to, purpose: 'sign_in' })) ? pass(message) : notAccepted,
    noteSent: (channel, now) => conversion.sent(channel, now),
    noteVerified: (channel, now) => conversion.verified(channel, now),
  };
}

const notAccepted: NotSent = { kind: 'rejected', retryAfter: null };
