import { bad } from '../../options/checks';
import type { Message, Sender } from '../message';

/**
 * Prints messages instead of sending them, codes and addresses in full: for development, and refused in
 * production.
 *
 * @throws SecondFactorError `bad_option` where NODE_ENV is `production`
 */
export function consoleSender(): Sender<Message> {
  if (process.env.NODE_ENV === 'production') {
    throw bad(
      'consoleSender() prints codes, and NODE_ENV is production.',
      'Give a sender that delivers, such as sendgridSender, vonageSender or smtpSender.',
    );
  }
  return async (message) => {
    process.stdout.write(`\n${headOf(message)}\n\n${message.text}\n\n`);
  };
}

const headOf = (message: Message): string =>
  message.channel === 'sms' ? `SMS to ${message.to}` : `Mail to ${message.to}: ${message.subject}`;
