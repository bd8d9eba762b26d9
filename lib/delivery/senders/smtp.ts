import type * as Nodemailer from 'nodemailer';
import { errorField } from '../../errors';
import { bad, isCertificate, requireOptions } from '../../options/checks';
import { type Duration, take } from '../../options/take';
import { cureOf } from '../../options/table';
import { attempt } from '../attempt';
import { DeliveryError, type DeliveryErrorKind, type EmailMessage, type Sender } from '../message';
import { ofEmail } from '../sender-channel';
import { messageId, requireMail } from './check-message';
import { mailbox, provider, requireMajor } from './sender-options';
import { smtpServer, type SmtpServer } from './smtp-server';

export interface SmtpSenderOptions {
  /** `smtps://user:password@mail.example.com` (TLS, port 465) or `smtp://…` (STARTTLS, port 587). */
  readonly url: string | undefined;
  /** `WebAdmin <no-reply@example.com>`, or the address alone. */
  readonly from: string | undefined;
  /** How long all of it may take: connecting, greeting, handing over. Default 10 s. */
  readonly timeout?: Duration;
  /**
   * `required`: nothing is sent before TLS with a valid certificate; the default, except for a server on this machine.
   * `optional`: TLS if the server offers it, without checking who it is.
   */
  readonly tls?: 'required' | 'optional';
  /** The certificate (PEM) of your own authority that issued the server's. */
  readonly ca?: string;
}

/**
 * E-mail through any SMTP server, with nodemailer 6 or newer. Each e-mail has its own connection; before nodemailer 10
 * it continues after an abort, until its own time-out.
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

  return ofEmail(async (message, signal) => {
    requireMail(message);
    const { id, to, subject, text, html } = message;
    // The envelope is given explicitly, so there is one recipient whatever a header says.
    const envelope = { from: from.address, to: [to] };
    const mail = {
      from,
      to: { name: '', address: to },
      subject,
      text,
      html,
      headers: AUTOMATIC,
      ...(id !== undefined && { messageId: messageId(id, from) }),
      envelope,
      ...CLOSED,
    };
    const send = (until: AbortSignal): Promise<unknown> => transport.sendMail({ ...mail, signal: until });
    await attempt(send, { signal, timeout, rebuild: smtpFailure });
  });
}

const nodemailer = () => provider('nodemailer', () => require('nodemailer') as typeof Nodemailer);

/** RFC 3834 §5: keeps out-of-office replies from coming back. */
const AUTOMATIC = { 'Auto-Submitted': 'auto-generated' };

/** Our texts name no files or URLs, and if one ever did it would not be read. */
const CLOSED = { disableFileAccess: true, disableUrlAccess: true };

function connection(server: SmtpServer, { tls, ca }: SmtpSenderOptions, timeout: number): object {
  if (tls !== undefined) take('smtpSender.tls', tls);
  if (ca !== undefined && !isCertificate(ca))
    throw bad('smtpSender.ca is not a certificate in PEM.', cureOf('smtpSender.ca'));
  const isRequired = tls === undefined ? !server.isLocal : tls === 'required';
  return {
    host: server.host,
    port: server.port,
    secure: server.secure,
    ...(server.auth && { auth: server.auth }),
    requireTLS: isRequired && !server.secure,
    // If plain text will do, an unverified certificate is no worse.
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
 * nodemailer's error, judged by its code and the server's reply. RFC 5321 §4.2.1: a 4xx reply means try again later, a
 * 5xx reply means never.
 */
function smtpFailure(error: unknown): DeliveryError {
  const [code, reply] = [errorField(error, 'code'), errorField(error, 'responseCode')];
  const status = typeof reply === 'number' ? reply : 0;
  // The replies about authentication, 454 and 530 to 538 (RFC 4954 §6), are about us and not about the e-mail.
  if (status === 454) return new DeliveryError('provider');
  if (status >= 530 && status <= 538) return new DeliveryError('auth');
  if (status >= 400 && status < 500) return new DeliveryError(status === 421 ? 'provider' : 'rate-limited');
  if (code === 'EENVELOPE' || code === 'EMESSAGE') return new DeliveryError('rejected');
  return new DeliveryError((typeof code === 'string' ? BY_CODE[code] : undefined) ?? 'provider');
}
