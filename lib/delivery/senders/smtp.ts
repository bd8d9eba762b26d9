import type * as Nodemailer from 'nodemailer';
import { errorField } from '../../errors';
import { bad, isCertificate, requireOptions } from '../../options/checks';
import { type Duration, take } from '../../options/take';
import { cureOf } from '../../options/table';
import { attempt } from '../attempt';
import { DeliveryError, type DeliveryErrorKind, type EmailMessage, type Sender } from '../message';
import { requireMail } from './check-message';
import { mailbox, provider, requireMajor } from './sender-options';
import { smtpServer, type SmtpServer } from './smtp-server';

export interface SmtpSenderOptions {
  /** `smtps://user:password@mail.example.com` (TLS, port 465) or `smtp://…` (STARTTLS, port 587). */
  readonly url: string | undefined;
  /** `WebAdmin <no-reply@example.com>`, or the address alone. */
  readonly from: string | undefined;
  /** What the whole of it may take: connecting, greeting, handing over. Default 10 s. */
  readonly timeout?: Duration;
  /** `required`: nothing is said before TLS with a certificate that holds; the default, but for a server on this machine. `optional`: as the server offers it, whoever it may be. */
  readonly tls?: 'required' | 'optional';
  /** The certificate, PEM, of an authority of your own that the server's is from. */
  readonly ca?: string;
}

/**
 * Mail through any SMTP server, by nodemailer 6 or newer. Each mail has a connection of its own; before nodemailer 10 it
 * goes on after an abort, until its own time is up.
 *
 * @example
 * smtpSender({ url: process.env.SMTP_URL, from: 'WebAdmin <no-reply@example.com>' })
 */
export function smtpSender(options: SmtpSenderOptions): Sender<EmailMessage> {
  const { createTransport } = nodemailer();
  requireOptions('smtpSender', options);
  const server = smtpServer(options.url);
  const from = mailbox('smtpSender.from', options.from);
  const timeout = take('smtpSender.timeout', options.timeout);
  const transport = createTransport({ ...connection(server, options, timeout), ...CLOSED });
  requireMajor('nodemailer', transport.transporter.version, 6);

  return async (message, signal) => {
    requireMail(message);
    const { to, subject, text, html } = message;
    // The envelope is given and not read out of a header, so there is one recipient whatever a header says.
    const envelope = { from: from.address, to: [to] };
    const mail = {
      from,
      to: { name: '', address: to },
      subject,
      text,
      html,
      headers: AUTOMATIC,
      envelope,
      ...CLOSED,
    };
    const send = (until: AbortSignal): Promise<unknown> => transport.sendMail({ ...mail, signal: until });
    await attempt(send, { signal, timeout, rebuild: smtpFailure });
  };
}

const nodemailer = () => provider('nodemailer', () => require('nodemailer') as typeof Nodemailer);

/** RFC 3834 §5: no out-of-office answer comes back to it. */
const AUTOMATIC = { 'Auto-Submitted': 'auto-generated' };

/** No text of ours names a file or a URL, and if one ever did it would not be read. */
const CLOSED = { disableFileAccess: true, disableUrlAccess: true };

function connection(server: SmtpServer, { tls, ca }: SmtpSenderOptions, timeout: number): object {
  if (tls !== undefined) take('smtpSender.tls', tls);
  if (ca !== undefined && !isCertificate(ca))
    throw bad('smtpSender.ca is no certificate in PEM.', cureOf('smtpSender.ca'));
  const isRequired = tls === undefined ? !server.isLocal : tls === 'required';
  return {
    host: server.host,
    port: server.port,
    secure: server.secure,
    ...(server.auth && { auth: server.auth }),
    requireTLS: isRequired && !server.secure,
    // Where plain text will do, a certificate that nobody vouches for is no worse.
    tls: { rejectUnauthorized: isRequired, minVersion: 'TLSv1.2', ...(ca && { ca }) },
    connectionTimeout: timeout,
    greetingTimeout: timeout,
    socketTimeout: timeout,
    dnsTimeout: timeout,
  };
}

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
function smtpFailure(error: unknown): DeliveryError {
  const [code, reply] = [errorField(error, 'code'), errorField(error, 'responseCode')];
  const status = typeof reply === 'number' ? reply : 0;
  // The words around the sign-in, 454 and 530 to 538 (RFC 4954 §6), are about us and not about the mail.
  if (status === 454) return new DeliveryError('provider');
  if (status >= 530 && status <= 538) return new DeliveryError('auth');
  if (status >= 400 && status < 500) return new DeliveryError(status === 421 ? 'provider' : 'rate-limited');
  if (code === 'EENVELOPE' || code === 'EMESSAGE') return new DeliveryError('rejected');
  return new DeliveryError((typeof code === 'string' ? BY_CODE[code] : undefined) ?? 'provider');
}
