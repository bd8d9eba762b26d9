import { inspect } from 'node:util';
import { DeliveryError, type EmailMessage, type SmsMessage } from '../../../lib/delivery/message';

export const code = '482913';

export const mail: EmailMessage = {
  channel: 'email',
  to: 'ann@example.com',
  subject: 'WebAdmin: your code to sign in',
  text: `Your code: ${code}\n`,
  html: `<p>Your code: <b>${code}</b></p>`,
};

export const sms: SmsMessage = {
  channel: 'sms',
  to: '+420603123456',
  text: `${code} is your code.\n@admin.example.com #${code}`,
};

export const waiting = (): AbortSignal => new AbortController().signal;

/** What a send failed with. */
export async function failureOf(sending: Promise<void>): Promise<DeliveryError> {
  const error: unknown = await sending.then(
    () => null,
    (reason: unknown) => reason,
  );
  if (error instanceof DeliveryError) return error;
  throw new Error(`no DeliveryError: ${inspect(error)}`);
}

/** Everything an error could give away to a log: its text, stack, own properties and what they hold. */
export function told(error: Error): string {
  const own = Object.getOwnPropertyNames(error).map((name) => [name, Reflect.get(error, name) as unknown]);
  const shown = inspect(error, { depth: null, showHidden: true, getters: true, maxStringLength: null });
  return [error.message, error.stack, String(error), JSON.stringify(error), JSON.stringify(own), shown].join(
    '\n',
  );
}

/** The secret as it is, and as Basic authentication has it. */
export const spellings = (...secrets: readonly string[]): string[] =>
  secrets.flatMap((secret) => [secret, Buffer.from(secret).toString('base64'), encodeURIComponent(secret)]);

/** That an error is of this kind, with nothing else in it, and gives nothing away. */
export function expectFailure(
  error: DeliveryError,
  kind: DeliveryError['kind'],
  secrets: readonly string[],
  retryAfter?: number,
): void {
  expect({ kind: error.kind, retryAfter: error.retryAfter }).toEqual({ kind, retryAfter });
  expect(Object.getOwnPropertyNames(error).toSorted()).toEqual([
    'kind',
    'message',
    'name',
    'retryAfter',
    'stack',
  ]);
  const everything = told(error);
  for (const secret of spellings(...secrets)) expect(everything).not.toContain(secret);
}

/** What cannot work is refused at construction, by name and with the cure, and without the secret. */
export function expectBadOption(make: () => unknown, option: string, secret: string): void {
  expect(make).toThrow(
    expect.objectContaining({
      code: 'bad_option',
      message: expect.stringContaining(option),
      help: expect.stringMatching(/./),
    }),
  );
  expect(make).not.toThrow(secret);
}
