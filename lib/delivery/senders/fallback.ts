import { bad } from '../../options/checks';
import { untilAborted } from '../attempt';
import { DeliveryError, type Message, type Sender } from '../message';

/**
 * Tries one sender after another until one accepts the message. Rejects with the error of the last one tried. An abort
 * ends it: whoever asked has stopped waiting. Give the first ones a `timeout` short enough to leave time for the
 * others.
 *
 * After a timeout nobody knows whether the message was sent, so people may get it twice, with the same code.
 *
 * @example
 * fallback(sendgridSender({ …, timeout: '3s' }), smtpSender({ … }))
 */
export function fallback<Kind extends Message>(...senders: readonly Sender<Kind>[]): Sender<Kind> {
  const help = 'Give two senders or more, each a function: fallback(first, second).';
  if (senders.length < 2) throw bad('fallback() has nobody to fall back on.', help);
  const wrong = senders.findIndex((one) => typeof one !== 'function');
  if (wrong >= 0) throw bad(`fallback() got no function as its sender ${wrong + 1}.`, help);
  return async (message, signal) => {
    let failure = new DeliveryError('provider');
    for (const send of senders) {
      if (signal.aborted) throw new DeliveryError('timeout');
      try {
        await untilAborted(send(message, signal), signal);
        return;
      } catch (error) {
        // Anything but a DeliveryError may contain anything, so it is not passed on.
        failure = error instanceof DeliveryError ? error : new DeliveryError('provider');
      }
    }
    throw failure;
  };
}
