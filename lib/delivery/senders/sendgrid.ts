import { bad, requireOptions } from '../../options/checks';
import { type Duration, take } from '../../options/take';
import { cureOf } from '../../options/table';
import { attempt } from '../attempt';
import type { EmailMessage, Sender } from '../message';
import { ofEmail } from '../sender-channel';
import { messageId, requireMail } from './check-message';
import { httpFailure } from './http-failure';
import { apiAddress, mailbox, provider, requireMajor, secret } from './sender-options';

export interface SendgridSenderOptions {
  /** With the permission "Mail Send" and no other. A variable that is not set is refused at start-up. */
  readonly apiKey: string | undefined;
  /** A verified sender: `WebAdmin <no-reply@example.com>`, or the address alone. */
  readonly from: string | undefined;
  /** How long SendGrid may take to answer. Default 10 s. */
  readonly timeout?: Duration;
  /** Where its API is: `https://api.eu.sendgrid.com` for an EU subuser. */
  readonly baseUrl?: string;
}

/** What we use of it. Its own declarations lack the client, and have an error that breaks `nodenext` (TS2595). */
interface Service {
  readonly client: {
    setDefaultRequest(settings: object): void;
    readonly defaultHeaders?: { readonly 'User-agent'?: string };
  };
  setApiKey(key: string): void;
  send(mail: object): Promise<unknown>;
}

type MailService = new () => Service;

const mailService = (): MailService => {
  const load = () => require('@sendgrid/mail') as { MailService: MailService };
  const { MailService } = provider('@sendgrid/mail', load);
  // It reveals its version only in this header.
  requireMajor('@sendgrid/mail', new MailService().client.defaultHeaders?.['User-agent'], 7);
  return MailService;
};

const LONGEST_ANSWER = 100_000;

/** A code that passes through a click counter is known there, and tracking links look like phishing. */
const trackingSettings = {
  clickTracking: { enable: false, enableText: false },
  openTracking: { enable: false },
  subscriptionTracking: { enable: false },
  ganalytics: { enable: false },
};

/**
 * E-mail through SendGrid, with a client of its own: the app may also use `@sendgrid/mail` with another key.
 *
 * @example
 * sendgridSender({ apiKey: process.env.SENDGRID_API_KEY, from: 'WebAdmin <no-reply@example.com>' })
 */
export function sendgridSender(options: SendgridSenderOptions): Sender<EmailMessage> {
  const Mail = mailService();
  requireOptions('sendgridSender', options);
  const apiKey = sendgridKey(options.apiKey);
  const { name, address } = mailbox('sendgridSender.from', options.from);
  const timeout = take('sendgridSender.timeout', options.timeout);
  const baseUrl = apiAddress('sendgridSender.baseUrl', options.baseUrl);
  const from = { email: address, ...(name && { name }) };

  return ofEmail(async (message, signal) => {
    requireMail(message);
    const { id, to, subject, text, html } = message;
    const mail = {
      from,
      to,
      subject,
      text,
      html,
      trackingSettings,
      headers: {
        'Auto-Submitted': 'auto-generated',
        ...(id !== undefined && { 'Message-ID': messageId(id, { address }) }),
      },
    };
    const send = (until: AbortSignal): Promise<unknown> =>
      serviceFor(Mail, apiKey, baseUrl, until).send(mail);
    await attempt(send, { signal, timeout, rebuild: httpFailure });
  });
}

/** One per e-mail: only a client's settings reach the request, and the signal is different each time. */
function serviceFor(Mail: MailService, apiKey: string, baseUrl: string, signal: AbortSignal): Service {
  const service = new Mail();
  service.setApiKey(apiKey);
  // A redirect would send the key along.
  service.client.setDefaultRequest({ baseUrl, signal, maxRedirects: 0, maxContentLength: LONGEST_ANSWER });
  return service;
}

function sendgridKey(value: unknown): string {
  const key = secret('sendgridSender.apiKey', value);
  if (key.startsWith('SG.')) return key;
  throw bad('sendgridSender.apiKey is not a SendGrid key.', cureOf('sendgridSender.apiKey'));
}
