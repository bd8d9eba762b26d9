import type * as VonageAuth from '@vonage/auth';
import type * as VonageSms from '@vonage/sms';
import { errorField } from '../../errors';
import { bad, requireOptions, unset } from '../../options/checks';
import { type Duration, take } from '../../options/take';
import { cureOf } from '../../options/table';
import { attempt } from '../attempt';
import { DeliveryError, type DeliveryErrorKind, type Sender, type SmsMessage } from '../message';
import { ofSms } from '../sender-channel';
import { requireSms } from './check-message';
import { httpFailure } from './http-failure';
import { apiAddress, provider, secret } from './sender-options';

export interface VonageSenderOptions {
  /** A variable that is not set is refused at start-up. */
  readonly apiKey: string | undefined;
  readonly apiSecret: string | undefined;
  /** A number of yours, or up to 11 letters and digits in countries that allow a name. */
  readonly from: string | undefined;
  /** How long Vonage may take to answer. Default 10 s. */
  readonly timeout?: Duration;
  /** Where its SMS API is. Default `https://rest.nexmo.com`. */
  readonly baseUrl?: string;
}

/**
 * Text messages through Vonage's SMS API. After an abort the request itself continues until the timeout, as Vonage's
 * client takes no signal.
 *
 * @example
 * vonageSender({ apiKey: process.env.VONAGE_KEY, apiSecret: process.env.VONAGE_SECRET, from: 'WebAdmin' })
 */
export function vonageSender(options: VonageSenderOptions): Sender<SmsMessage> {
  const { Auth, SMS, TypeEnum } = vonageClient();
  requireOptions('vonageSender', options);
  const apiKey = secret('vonageSender.apiKey', options.apiKey);
  const apiSecret = secret('vonageSender.apiSecret', options.apiSecret);
  const from = senderId(options.from);
  const timeout = take('vonageSender.timeout', options.timeout);
  const restHost = apiAddress('vonageSender.baseUrl', options.baseUrl);
  const vonage = new SMS(new Auth({ apiKey, apiSecret }), { restHost, timeout });

  return ofSms(async (message, signal) => {
    requireSms(message);
    // Vonage takes E.164 without its plus. Never `unicode`: our texts need no more than GSM-7.
    const sms = { to: message.to.slice(1), from, text: message.text, type: TypeEnum.TEXT };
    const send = async (): Promise<void> => requireAccepted(await vonage.send(sms));
    await attempt(send, { signal, timeout, rebuild });
  });
}

function vonageClient() {
  const both = '@vonage/sms @vonage/auth';
  const { Auth } = provider('@vonage/auth', () => require('@vonage/auth') as typeof VonageAuth, both);
  const sms = provider('@vonage/sms', () => require('@vonage/sms') as Partial<typeof VonageSms>, both);
  const { SMS, TypeEnum } = sms;
  if (SMS && TypeEnum) return { Auth, SMS, TypeEnum };
  throw bad('@vonage/sms is too old.', 'Run npm i @vonage/sms@latest @vonage/auth@latest.');
}

/** A 200 may be empty, or something other than JSON, and the client takes that for success. */
function requireAccepted(answer: unknown): void {
  const refusal = vonageRefusal(errorField(answer, 'messages'));
  if (refusal) throw refusal;
}

function rebuild(error: unknown): DeliveryError {
  const messages = errorField(error, 'response', 'messages');
  return (Array.isArray(messages) && vonageRefusal(messages)) || httpFailure(error);
}

function senderId(value: unknown): string {
  if (value === undefined) throw unset('vonageSender.from');
  const text = typeof value === 'string' ? value.trim() : '';
  if (/^\+?\d{3,15}$/.test(text)) return text.replace('+', '');
  if (/^[A-Za-z\d &._-]{1,11}$/.test(text)) return text;
  throw bad('vonageSender.from is not a sender of text messages.', cureOf('vonageSender.from'));
}

/** The statuses of developer.vonage.com/api-errors/sms; any other is the provider's own problem. */
const KINDS: Readonly<Record<string, DeliveryErrorKind>> = {
  // Faster than the account allows, and too many connections at once.
  1: 'rate-limited',
  10: 'rate-limited',
  // Wrong credentials, account barred, account not enabled for this, wrong signature, signature not allowed.
  4: 'auth',
  8: 'auth',
  11: 'auth',
  14: 'auth',
  32: 'auth',
  // Invalid parameter, unknown prefix, barred number, too long, sender not allowed there, wrong network, not
  // on the list of a trial account, number given up.
  3: 'rejected',
  6: 'rejected',
  7: 'rejected',
  12: 'rejected',
  15: 'rejected',
  22: 'rejected',
  29: 'rejected',
  33: 'rejected',
};

/** Why a message, or a part of it, was not accepted; null if all of it was. Half a message counts as not sent. */
function vonageRefusal(messages: unknown): DeliveryError | null {
  const parts: readonly unknown[] = Array.isArray(messages) ? messages : [];
  const statuses = parts.map((part) => errorField(part, 'status'));
  const failed = statuses.find((status) => status !== '0');
  if (parts.length > 0 && failed === undefined && !statuses.includes(undefined)) return null;
  const kind = typeof failed === 'string' && Object.hasOwn(KINDS, failed) ? KINDS[failed] : undefined;
  return new DeliveryError(kind ?? 'provider');
}
