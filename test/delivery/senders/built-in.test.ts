import { DeliveryError, type EmailMessage, type Message, type Sender } from '../../../lib/delivery/message';
import { consoleSender } from '../../../lib/delivery/senders/console';
import { fallback } from '../../../lib/delivery/senders/fallback';
import { memorySender } from '../../../lib/delivery/senders/memory';
import { code, expectFailure, failureOf, mail, sms, waiting } from './failure';

const badOption = expect.objectContaining({ code: 'bad_option', help: expect.stringMatching(/./) });

describe('memorySender', () => {
  it('keeps what was sent, newest first, with the time', async () => {
    let time = 1000;
    const sender = memorySender({ now: () => (time += 1) });
    await sender(mail, waiting());
    await sender(sms, waiting());
    expect(sender.sent).toEqual([
      { ...sms, at: 1002 },
      { ...mail, at: 1001 },
    ]);
  });

  it('keeps no more than it is told to', async () => {
    const sender = memorySender({ keep: 2 });
    for (const to of ['+420603000001', '+420603000002', '+420603000003'])
      await sender({ ...sms, to }, waiting());
    expect(sender.sent.map(({ to }) => to)).toEqual(['+420603000003', '+420603000002']);
  });

  it('gives out nothing that changes: not the list, not a message', async () => {
    const sender = memorySender();
    const given = { ...sms };
    await sender(given, waiting());
    const before = sender.sent;
    given.to = '+420603999999';
    await sender(given, waiting());
    expect(before.map(({ to }) => to)).toEqual([sms.to]);
    expect(Object.isFrozen(before[0])).toBe(true);
  });

  it('takes nothing after the abort', async () => {
    const sender = memorySender();
    expectFailure(await failureOf(sender(sms, AbortSignal.abort())), 'timeout', [code]);
    expect(sender.sent).toEqual([]);
  });

  it.each([{ keep: 0 }, { keep: Number.NaN }, { now: 5 as never }, { kep: 5 }])('refuses %j', (options) => {
    expect(() => memorySender(options)).toThrow(badOption);
  });
});

describe('consoleSender', () => {
  const { NODE_ENV } = process.env;
  afterEach(() => {
    process.env.NODE_ENV = NODE_ENV;
  });

  it('prints where to, and the text', async () => {
    const printed: unknown[] = [];
    const write = jest.spyOn(process.stdout, 'write').mockImplementation((text) => printed.push(text) > 0);
    const sender = consoleSender();
    await Promise.all([sender(sms, waiting()), sender(mail, waiting())]);
    write.mockRestore();
    expect(printed).toEqual([
      `\nSMS to ${sms.to}\n\n${sms.text}\n\n`,
      `\nMail to ${mail.to}: ${mail.subject}\n\n${mail.text}\n\n`,
    ]);
  });

  it('is refused in production', () => {
    process.env.NODE_ENV = 'production';
    expect(() => consoleSender()).toThrow(badOption);
  });
});

describe('fallback', () => {
  const failing =
    (error: unknown): Sender<Message> =>
    async () => {
      throw error;
    };

  it('asks the next one only after the one before has refused', async () => {
    const [first, second, third] = [memorySender(), memorySender(), memorySender()];
    await fallback(first, second)(mail, waiting());
    expect([first, second].map(({ sent }) => sent.length)).toEqual([1, 0]);
    await fallback(
      failing(new DeliveryError('network')),
      failing(new DeliveryError('auth')),
      third,
    )(mail, waiting());
    expect(third.sent).toMatchObject([mail]);
  });

  it('tells the error of the last one asked', async () => {
    const send = fallback(failing(new DeliveryError('auth')), failing(new DeliveryError('rate-limited', 30)));
    expectFailure(await failureOf(send(mail, waiting())), 'rate-limited', [code], 30);
  });

  it('asks the next one after a throw, and tells nothing of what was thrown', async () => {
    const throwing: Sender<Message> = () => {
      throw new Error(`${code} to ${mail.to}`, { cause: mail });
    };
    const second = memorySender();
    await fallback(throwing, second)(mail, waiting());
    expect(second.sent).toHaveLength(1);
    const failure = await failureOf(fallback(throwing, failing(mail), throwing)(mail, waiting()));
    expectFailure(failure, 'provider', [code, mail.to]);
  });

  it('ends at the abort, whatever the one does that is being asked', async () => {
    const abort = new AbortController();
    const second = memorySender();
    const never: Sender<EmailMessage> = () => {
      queueMicrotask(() => abort.abort());
      return new Promise(() => undefined);
    };
    const failure = await failureOf(fallback(never, second)(mail, abort.signal));
    expectFailure(failure, 'timeout', [code]);
    expect(second.sent).toEqual([]);
  });

  it('asks nobody after the abort', async () => {
    const [first, second] = [memorySender(), memorySender()];
    const failure = await failureOf(fallback(first, second)(mail, AbortSignal.abort()));
    expectFailure(failure, 'timeout', [code]);
    expect([...first.sent, ...second.sent]).toEqual([]);
  });

  it.each([[[]], [[memorySender()]], [[memorySender(), undefined as never]]])('refuses %j', (senders) => {
    expect(() => fallback(...senders)).toThrow(badOption);
  });
});
