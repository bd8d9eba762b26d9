import { once } from 'node:events';
import { createServer, type AddressInfo, type Server } from 'node:net';
import { SMTPServer } from 'smtp-server';
import { smtpSender, type SmtpSenderOptions } from '../../../lib/smtp';
import type { DeliveryErrorKind } from '../../../lib/delivery/message';
import { certificate, key } from './certificate';
import { code, expectBadOption, expectFailure, failureOf, mail, waiting } from './failure';
import { refusedUrl } from './loopback';

const [user, password] = ['web@admin', 'pass word/that:must@not get out'];
const credentials = `${encodeURIComponent(user)}:${encodeURIComponent(password)}`;
const secrets = [user, password, code, mail.to, 'no-reply@example.com'];

interface Received {
  readonly from: string;
  readonly to: readonly string[];
  readonly secure: boolean;
  readonly user: unknown;
  readonly raw: string;
}

/** What the server says to the recipient, and to the mail. */
let toRecipient: Error | null = null;
let toMail: Error | null = null;
const received: Received[] = [];
const reply = (responseCode: number) =>
  Object.assign(new Error(`<${mail.to}> ${code} not now`), { responseCode });

const server = new SMTPServer({
  cert: certificate,
  key,
  authOptional: true,
  allowInsecureAuth: true,
  onAuth(auth, _session, done) {
    if (auth.username === user && auth.password === password) return done(null, { user });
    return done(new Error(`no ${password}`));
  },
  onRcptTo(_address, _session, done) {
    done(toRecipient);
  },
  onData(stream, session, done) {
    const chunks: Buffer[] = [];
    stream.on('data', (chunk: Buffer) => chunks.push(chunk));
    stream.on('end', () => {
      const { mailFrom, rcptTo } = session.envelope;
      received.push({
        from: mailFrom ? mailFrom.address : '',
        to: rcptTo.map(({ address }) => address),
        secure: session.secure,
        user: session.user,
        raw: Buffer.concat(chunks).toString(),
      });
      done(toMail);
    });
  },
});
server.on('error', () => undefined);
let port = 0;
beforeAll(async () => {
  const listening = server.listen(0, '127.0.0.1');
  await once(listening, 'listening');
  ({ port } = listening.address() as AddressInfo);
});
afterAll(() => new Promise<void>((resolve) => server.close(resolve)));
beforeEach(() => {
  received.length = 0;
  [toRecipient, toMail] = [null, null];
});

const sender = (more: Partial<SmtpSenderOptions> = {}) =>
  smtpSender({
    url: `smtp://${credentials}@127.0.0.1:${port}`,
    from: 'WebAdmin <no-reply@example.com>',
    timeout: 5000,
    ...more,
  });

/** A server that says what it is given to each line it hears, and first of all that. */
async function speaking(lines: readonly string[]): Promise<{ server: Server; url: string; heard: string[] }> {
  const heard: string[] = [];
  const speaker = createServer((socket) => {
    const left = [...lines];
    const say = (): unknown => left.length > 0 && socket.write(`${left.shift()}\r\n`);
    socket.on('error', () => undefined);
    socket.on('data', (chunk) => {
      heard.push(chunk.toString());
      say();
    });
    say();
  });
  speaker.listen(0, '127.0.0.1');
  await once(speaker, 'listening');
  return { server: speaker, url: `smtp://127.0.0.1:${(speaker.address() as AddressInfo).port}`, heard };
}

describe('smtpSender', () => {
  it('hands over the mail, as text and HTML', async () => {
    await expect(sender()(mail, waiting())).resolves.toBeUndefined();
    expect(received).toEqual([
      { from: 'no-reply@example.com', to: [mail.to], secure: true, user, raw: expect.any(String) },
    ]);
    const raw = received[0]?.raw ?? '';
    const headers = raw.slice(0, raw.indexOf('\r\n\r\n')).split('\r\n');
    expect(headers).toEqual(
      expect.arrayContaining([
        'From: WebAdmin <no-reply@example.com>',
        'To: ann@example.com',
        'Subject: WebAdmin: your code to sign in',
        'Auto-Submitted: auto-generated',
      ]),
    );
    expect(raw).toContain(`\r\n\r\nYour code: ${code}\r\n`);
    expect(raw).toContain(`<p>Your code: <b>${code}</b></p>`);
  });

  it('gives each mail a Message-ID of its own, so that no two are one thread', async () => {
    const send = sender();
    await send(mail, waiting());
    await send(mail, waiting());
    const ids = received.map(({ raw }) => /^Message-ID: (<.+>)\r$/im.exec(raw)?.[1]);
    expect(new Set(ids).size).toBe(2);
    expect(received.some(({ raw }) => /^(?:References|In-Reply-To):/im.test(raw))).toBe(false);
  });

  it('reads no file that a text names', async () => {
    const named = { ...mail, text: __filename, html: 'file:///etc/hostname' };
    await sender()(named, waiting());
    const raw = received[0]?.raw.replaceAll('=\r\n', '') ?? '';
    expect(raw).toContain(__filename);
    expect(raw).toContain('file:///etc/hostname');
  });

  it('B7: says nothing where TLS is required and there is none', async () => {
    const plain = await speaking(['220 mail ESMTP', '250 mail', '502 no TLS', '250 sent']);
    const failure = await failureOf(sender({ url: plain.url, tls: 'required' })(mail, waiting()));
    await new Promise((resolve) => plain.server.close(resolve));
    expectFailure(failure, 'network', secrets);
    expect(plain.heard.join('')).not.toMatch(/MAIL FROM|AUTH/i);
  });

  it('hands over the mail where TLS is required and the certificate holds', async () => {
    await sender({ tls: 'required', ca: certificate })(mail, waiting());
    expect(received).toMatchObject([{ secure: true, to: [mail.to] }]);
  });

  it('says nothing where TLS is required and nobody vouches for the certificate', async () => {
    expectFailure(await failureOf(sender({ tls: 'required' })(mail, waiting())), 'network', secrets);
    expect(received).toEqual([]);
  });

  it.each<[string, number, DeliveryErrorKind]>([
    ['a mailbox that is not there', 550, 'rejected'],
    ['a mailbox that is full for now', 452, 'rate-limited'],
    ['greylisting', 450, 'rate-limited'],
    ['a server that goes down', 421, 'provider'],
    ['a server that wants a sign-in', 530, 'auth'],
  ])('tells %s (%i)', async (_name, status, kind) => {
    toRecipient = reply(status);
    expectFailure(await failureOf(sender()(mail, waiting())), kind, secrets);
  });

  it('tells a mail that is refused once it was read', async () => {
    toMail = reply(554);
    expectFailure(await failureOf(sender()(mail, waiting())), 'rejected', secrets);
  });

  it('tells a wrong password', async () => {
    const send = sender({ url: `smtp://${encodeURIComponent(user)}:wrong@127.0.0.1:${port}` });
    expectFailure(await failureOf(send(mail, waiting())), 'auth', secrets);
  });

  it('tells what is no mail server', async () => {
    const other = await speaking(['HTTP/1.1 400 Bad Request']);
    expectFailure(await failureOf(sender({ url: other.url })(mail, waiting())), 'provider', secrets);
    await new Promise((resolve) => other.server.close(resolve));
  });

  it('tells that nobody is there', async () => {
    const url = (await refusedUrl()).replace('http', 'smtp');
    expectFailure(await failureOf(sender({ url })(mail, waiting())), 'network', secrets);
  });

  it.each([
    ['at the greeting', []],
    ['at the first command', ['220 mail ESMTP']],
  ])('waits no longer than its timeout, %s', async (_name, lines) => {
    const mute = await speaking(lines);
    const failure = await failureOf(sender({ url: mute.url, timeout: 100 })(mail, waiting()));
    expectFailure(failure, 'timeout', secrets);
    await new Promise((resolve) => mute.server.close(resolve));
  });

  it('closes the connection at the abort', async () => {
    const mute = await speaking([]);
    const abort = new AbortController();
    const closed = new Promise<void>((resolve) => {
      mute.server.once('connection', (socket) => {
        socket.once('close', () => resolve());
        abort.abort();
      });
    });
    expectFailure(await failureOf(sender({ url: mute.url })(mail, abort.signal)), 'timeout', secrets);
    await closed;
    await new Promise((resolve) => mute.server.close(resolve));
  });

  it.each([
    ['a subject of two lines', { subject: 'Hello\r\nBcc: eve@example.com' }],
    ['an address of two lines', { to: 'ann@example.com\r\nRCPT TO:<eve@example.com>' }],
    ['two addresses', { to: 'ann@example.com, eve@example.com' }],
    ['a name and an address', { to: 'Ann <eve@example.com>' }],
    ['a quoted mailbox', { to: '"eve@example.com x"@example.com' }],
  ])('sends nothing for %s', async (_name, change) => {
    expectFailure(await failureOf(sender()({ ...mail, ...change }, waiting())), 'rejected', secrets);
    expect(received).toEqual([]);
  });

  it.each<[string, Partial<SmtpSenderOptions>]>([
    ['url', { url: undefined }],
    ['url', { url: 'mail.example.com' }],
    ['url', { url: `https://${credentials}@mail.example.com` }],
    ['url', { url: `smtps://${credentials}@mail.example.com?tls.rejectUnauthorized=false` }],
    ['url', { url: `smtp://${credentials}@mail.example.com/?logger=true` }],
    ['url', { url: 'smtp://user:100%@mail.example.com' }],
    ['password', { url: 'smtp://user@mail.example.com' }],
    ['from', { from: 'no-reply' }],
    ['from', { from: 'WebAdmin <a@example.com>, <eve@example.com>' }],
    ['timeout', { timeout: Number.NaN }],
    ['tls', { tls: 'off' as 'optional' }],
    ['tsl', { tsl: 'optional' } as object],
  ])('refuses a bad %s at construction, with the cure', (option, change) => {
    expectBadOption(() => sender(change), option, password);
  });
});
