import { DeliveryError, type DeliveryErrorKind } from '../delivery-error';
import { field } from './field';

const BY_CODE: Readonly<Record<string, DeliveryErrorKind>> = {
  ETIMEDOUT: 'timeout',
  EABORT: 'timeout',
  ECONNECTION: 'network',
  ESOCKET: 'network',
  EDNS: 'network',
  ETLS: 'network',
  EAUTH: 'auth',
  ENOAUTH: 'auth',
};

/**
 * nodemailer's error, told by its code and the server's reply. RFC 5321 §4.2.1: a reply of 4xx asks to come back
 * later, one of 5xx says never.
 */
export function smtpFailure(error: unknown): DeliveryError {
  const [code, reply] = [field(error, 'code'), field(error, 'responseCode')];
  const status = typeof reply === 'number' ? reply : 0;
  // The words around the sign-in, 454 and 530 to 538 (RFC 4954 §6), are about us and not about the mail.
  if (status === 454) return new DeliveryError('provider');
  if (status >= 530 && status <= 538) return new DeliveryError('auth');
  if (status >= 400 && status < 500) return new DeliveryError(status === 421 ? 'provider' : 'rate-limited');
  if (code === 'EENVELOPE' || code === 'EMESSAGE') return new DeliveryError('rejected');
  return new DeliveryError((typeof code === 'string' ? BY_CODE[code] : undefined) ?? 'provider');
}
