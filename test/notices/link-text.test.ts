import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { SMTPServer } from 'smtp-server';
import { createCatalogue } from '../../lib/pages/catalogue';
import { createDates } from '../../lib/pages/dates';
import { linkMail, linkSms, type LinkMessage } from '../../lib/notices/link-text';
import type { Speech } from '../../lib/notices/notice-text';
import { smtpSender } from '../../lib/smtp';

const token = 'zXr-34_567890aB'.repeat(3).slice(0, 43);
const longest = `https://${'customer-portal.'.repeat(12)}example.com/${'a-long-path/'.repeat(20)}2fa/browser/${token}`;

const speech: Speech = {
  texts: createCatalogue(),
  appName: 'WebAdmin',
  moment: ({ lang, timeZone }, ms) => createDates(lang, timeZone)(ms, 'moment'),
  direction: () => 'ltr',
  linkUrl: () => '',
};
const message = (more: Partial<LinkMessage> = {}): LinkMessage => ({
  url: longest,
  at: Date.UTC(2026, 10, 24, 12),
  from: { browser: { browser: 'Firefox', system: 'Windows' }, address: '203.0.113.7' },
  language: 'en',
  timeZone: null,
  ...more,
});

const linksIn = (text: string): string[] => text.match(/https?:[^\s"<]+/g) ?? [];
const wordsOf = (html: string): string =>
  html
    .replace(/^[\s\S]*<body[^>]*>/, '')
    .replace(/<[^>]+>/g, ' ')
    .replace(/&#39;/g, "'")
    .replace(/\s+/g, ' ')
    .trim();

describe.each(['en', 'cs'])('The mail with the link of a new browser (%s)', (language) => {
  const { subject, text, html } = linkMail(speech, message({ language }));

  it('has that one link, on a line to itself', () => {
    expect(linksIn(text)).toEqual([longest]);
    expect(text.split('\n')).toContain(longest);
    expect(new Set(linksIn(html))).toEqual(new Set([longest]));
  });

  it('says the same as text and as HTML', () => {
    expect(wordsOf(html).replace(/ ([.,:?])/g, '$1')).toBe(text.replace(/\s+/g, ' ').trim());
  });

  it('says where it comes from, and what to do if it was not you', () => {
    expect(text).toContain('Firefox');
    expect(text).toContain('203.0.113.7');
    expect(text.split('\n\n')).toHaveLength(7);
    expect(subject).toContain('WebAdmin');
  });

  it('neither threatens nor sets a date', () => {
    const threat =
      /lock|suspend|delet|clos|within|expire|urgent|immediately|zablok|zruš|smaž|okamžit|vyprší|do \d/i;
    expect(text.replace(longest, '')).not.toMatch(threat);
  });
});

it('The text message has it on a line to itself too', () => {
  for (const language of ['en', 'cs']) {
    const text = linkSms(speech, message({ language, url: 'https://x.example/2fa/browser/t' }));
    expect(text.split('\n').at(-1)).toBe('https://x.example/2fa/browser/t');
    expect(text).toMatch(/^WebAdmin: /);
  }
});

describe('On its way, over SMTP', () => {
  const received: string[] = [];
  const server = new SMTPServer({
    authOptional: true,
    disabledCommands: ['STARTTLS'],
    onData(stream, _session, done) {
      const chunks: Buffer[] = [];
      stream.on('data', (chunk: Buffer) => chunks.push(chunk));
      stream.on('end', () => {
        received.push(Buffer.concat(chunks).toString());
        done();
      });
    },
  });
  let port = 0;
  beforeAll(async () => {
    const listening = server.listen(0, '127.0.0.1');
    await once(listening, 'listening');
    ({ port } = listening.address() as AddressInfo);
  });
  afterAll(() => new Promise<void>((resolve) => server.close(resolve)));

  it('the link comes through in one piece, however long it is', async () => {
    const from = 'no-reply@example.com';
    const send = smtpSender({ url: `smtp://127.0.0.1:${port}`, from, tls: 'optional' });
    const mail = { channel: 'email', to: 'ann@example.com', ...linkMail(speech, message()) } as const;
    await send(mail, new AbortController().signal);
    const [raw = ''] = received;
    expect(raw.split('\r\n').every((line) => line.length <= 998)).toBe(true);
    const parts = raw.split(/^--[^\r\n]+\r\n/m).map(decoded);
    const text = parts.find((part) => /^Content-Type: text\/plain/im.test(part)) ?? '';
    const html = parts.find((part) => /^Content-Type: text\/html/im.test(part)) ?? '';
    expect(linksIn(text)).toEqual([longest]);
    expect(linksIn(html)).toEqual([longest, longest]);
  });
});

/** A part of a mail, its body as it was before it was encoded for the way (RFC 2045 §6). */
function decoded(part: string): string {
  const end = part.indexOf('\r\n\r\n');
  const [head, body] = [part.slice(0, end), part.slice(end + 4)];
  if (/base64/i.test(head)) return `${head}\n\n${Buffer.from(body, 'base64').toString()}`;
  if (!/quoted-printable/i.test(head)) return part;
  const bytes = body
    .replace(/=\r\n/g, '')
    .replace(/=([0-9A-F]{2})/g, (_, hex: string) => String.fromCharCode(Number.parseInt(hex, 16)));
  return `${head}\n\n${Buffer.from(bytes, 'latin1').toString()}`;
}
