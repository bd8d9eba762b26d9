/**
 * Why a message was not accepted. `rate-limited`: the provider wants us to wait. `auth`: our credentials are
 * wrong. `rejected`: this address or message is not taken. `timeout` and `network`: whether it was sent is not
 * known, or it was not. `provider`: anything else.
 */
export type DeliveryErrorKind = 'rate-limited' | 'auth' | 'rejected' | 'timeout' | 'network' | 'provider';

/** A failed delivery, with nothing in it of what was to be sent, to whom, or with which key. */
export class DeliveryError extends Error {
  override readonly name = 'DeliveryError';

  /** @param retryAfter whole seconds the provider asked to wait, if it did */
  constructor(
    readonly kind: DeliveryErrorKind,
    readonly retryAfter?: number,
  ) {
    super(`The message was not accepted (${kind}).`);
  }
}
