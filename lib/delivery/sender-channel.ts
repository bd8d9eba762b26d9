import type { EmailMessage, Message, Sender, SmsMessage } from './message';

type Channel = Message['channel'];

const channels = new WeakMap<object, Channel>();

/** Notes what one of our own senders sends, so that it is refused at start-up where it was given for the other. */
export function ofSms(send: Sender<SmsMessage>): Sender<SmsMessage> {
  channels.set(send, 'sms');
  return send;
}

export function ofEmail(send: Sender<EmailMessage>): Sender<EmailMessage> {
  channels.set(send, 'email');
  return send;
}

/** undefined: it sends both, or is the app's own. */
export const channelOf = (send: object): Channel | undefined => channels.get(send);
