import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { SMTPServer } from 'smtp-server';
import type { EmailMessage, Sender } from '../../lib';
import { noticeMail } from '../../lib/notices/notice-text';
import { sendgridSender } from '../../lib/sendgrid';
import { smtpSender } from '../../lib/smtp';
import { json, Loopback, text } from '../delivery/senders/loopback';
import { minutes } from '../support/clock';
import { until } from '../support/within';
import { anItem, speech } from './an-item';
import { annEnrolled, toldApp, type ToldApp } from './cast';

const from = 'WebAdmin <no-reply@example.com>';
// Longer than any line of a mail may be, with what quoted-printable has to escape.
const link = `https://admin.example.com/${'a=long/path.of/'.repeat(70)}2fa/object/${'x_-='.repeat(11)}`;

/** The parts of a mail as a mailbox reads them, by their type, and its headers. */
function read(raw: string): { headers: string; text: string; html: string } {
  const headEnd = raw.indexOf('\r\n\r\n');
  const headers = raw.slice(0, headEnd).replace(/\r\n[ \t]+/g, ' ');
  const boundary = /boundary="([^"]+)"/.exec(headers)?.[1] ?? '';
  const partOf = (type: string): string => {
    const part = raw.split(`--${boundary}`).find((one) => one.includes(`Content-Type: ${type}`)) ?? '';
    const body = part.slice(part.indexOf('\r\n\r\n') + 4);
    if (/Content-Transfer-Encoding: base64/i.test(part)) return Buffer.from(body, 'base64').toString();
    const bytes = body
      .replace(/=\r\n/g, '')
      .replace(/=([0-9A-F]{2})/g, (_, hex: string) => String.fromCharCode(parseInt(hex, 16)));
    return /quoted-printable/i.test(part) ? Buffer.from(bytes, 'latin1').toString() : body;
  };
  return { headers, text: partOf('text/plain'), html: partOf('text/html') };
}

const tidy = (body: string): string => body.replaceAll('\r\n', '\n').trim();

describe('A notice on its way through SMTP', () => {
  const received: string[] = [];
  let isDown = false;
  const server = new SMTPServer({
    authOptional: true,
    disabledCommands: ['STARTTLS'],
    onData(stream, _session, done) {
      const chunks: Buffer[] = [];
      stream.on('data', (chunk: Buffer) => chunks.push(chunk));
      stream.on('end', () => {
        received.push(Buffer.concat(chunks).toString('latin1'));
        done(isDown ? Object.assign(new Error('later'), { responseCode: 451 }) : null);
      });
    },
  });
  let send: Sender<EmailMessage>;
  beforeAll(async () => {
    const listening = server.listen(0, '127.0.0.1');
    await once(listening, 'listening');
    send = smtpSender({ url: `smtp://127.0.0.1:${(listening.address() as AddressInfo).port}`, from });
  });
  afterAll(() => new Promise<void>((resolve) => server.close(resolve)));
  beforeEach(() => {
    received.length = 0;
    isDown = false;
  });

  it('says the same in text and HTML, and its link survives', async () => {
    const mail = noticeMail(speech, anItem({ language: 'cs' }), { leadsTo: 'object', url: link });
    await send(
      { channel: 'email', to: 'ann@example.com', id: anItem().id, ...mail },
      new AbortController().signal,
    );
    const raw = received[0] ?? '';
    const { headers, text: plain, html } = read(raw);
    expect(tidy(plain)).toBe(mail.text.trim());
    expect(tidy(html)).toBe(mail.html.trim());
    expect(plain.split(/\r?\n/)).toContain(link);
    expect(html).toContain(`href="${link.replaceAll('&', '&amp;')}"`);
    expect(headers).toContain('Message-ID: <BCDFGHJKMNPRSTVW@example.com>');
    expect(headers).toContain('Auto-Submitted: auto-generated');
    expect(Math.max(...raw.split('\r\n').map((line) => line.length))).toBeLessThan(998);
  });

  it('is the same mail when it is tried again', async () => {
    isDown = true;
    const host = toldApp({ email: { send, codes: false } });
    await annEnrolled(host);
    await until(5_000, 'the first try', () => host.events.some(({ name }) => name === 'notice.failed'));
    isDown = false;
    host.clock.move(5 * minutes);
    expect(await host.twoFactor.tick()).toMatchObject({ notices: { sent: 1 } });
    const [first, second] = received.map(read);
    expect(first?.headers.match(/Message-ID: .*/)?.[0]).toBe(second?.headers.match(/Message-ID: .*/)?.[0]);
    expect(first?.text).toBe(second?.text);
    await shut(host);
  });
});

describe('A notice on its way through SendGrid', () => {
  const loopback = new Loopback();
  beforeAll(() => loopback.start());
  afterAll(() => loopback.stop());

  it('goes with its id, without tracking, and again after a failure', async () => {
    const send = sendgridSender({ apiKey: 'SG.test', from, baseUrl: loopback.url, timeout: 2000 });
    loopback.answer = json(503, {});
    const host = toldApp({ email: { send, codes: false } });
    await annEnrolled(host);
    await until(5_000, 'the first try', () => host.events.some(({ name }) => name === 'notice.failed'));
    loopback.answer = text(202, '');
    host.clock.move(5 * minutes);
    expect(await host.twoFactor.tick()).toMatchObject({ notices: { sent: 1 } });
    const bodies = loopback.asked.map(({ body }) => body as Payload);
    expect(bodies).toHaveLength(2);
    expect(bodies[1]).toEqual(bodies[0]);
    expect(bodies[0]).toMatchObject({
      personalizations: [{ to: [{ email: 'ann@example.com' }] }],
      subject: 'Two-factor authentication is on at Test App',
      headers: { 'Message-ID': expect.stringMatching(/^<[A-Z]{16}@example\.com>$/) },
      tracking_settings: { click_tracking: { enable: false, enable_text: false } },
    });
    await shut(host);
  });
});

interface Payload {
  readonly headers: { readonly 'Message-ID': string };
}

const shut = ({ twoFactor }: ToldApp): Promise<void> => twoFactor.close();
