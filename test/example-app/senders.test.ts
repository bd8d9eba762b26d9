import { memoryOutbox } from '../../example-app/outbox';
import { openSenders } from '../../example-app/senders';
import { readSettings } from '../../example-app/settings';

const VONAGE = { VONAGE_API_KEY: 'abcd1234', VONAGE_API_SECRET: 'not-a-secret', SMS_FROM: 'WebAdmin' };
const MAIL_FROM = 'WebAdmin <no-reply@example.com>';
const SENDGRID = { SENDGRID_API_KEY: 'SG.key', MAIL_FROM };
const SMTP = { SMTP_URL: 'smtps://user:password@mail.example.com', MAIL_FROM };

// Vonage's client is made of ES modules, which Jest cannot load; its sender has tests of its own.
jest.mock('express-second-factor/vonage', () => ({ vonageSender: () => () => Promise.resolve() }));

const channelsOf = async (env: NodeJS.ProcessEnv): Promise<string[]> => {
  const settings = readSettings(env);
  return Object.keys(await openSenders(settings, memoryOutbox()));
};
const production = { NODE_ENV: 'production' };

describe('who delivers codes', () => {
  it.each<[NodeJS.ProcessEnv, string[]]>([
    [{}, []],
    [VONAGE, ['sms']],
    [SENDGRID, ['email']],
    [SMTP, ['email']],
    [{ ...VONAGE, ...SENDGRID, ...SMTP }, ['sms', 'email']],
  ])('in production are those that the environment names: %j', async (env, channels) => {
    expect(await channelsOf({ ...production, ...env })).toEqual(channels);
  });

  it('is the outbox everywhere else, whatever the environment names', async () => {
    const outbox = memoryOutbox();
    const { sms } = await openSenders(readSettings({ ...VONAGE, ...SENDGRID }), outbox);
    await sms?.({ channel: 'sms', to: '+420777123456', text: 'One' }, new AbortController().signal);
    expect(await outbox.list()).toHaveLength(1);
    expect(await channelsOf({})).toEqual(['sms', 'email']);
  });

  it.each([
    ['VONAGE_API_SECRET', { ...VONAGE, VONAGE_API_SECRET: '' }],
    ['SMS_FROM', { ...VONAGE, SMS_FROM: undefined }],
    ['MAIL_FROM', { SENDGRID_API_KEY: 'SG.key' }],
    ['MAIL_FROM', { SMTP_URL: SMTP.SMTP_URL }],
  ])('needs %s as well', (name, env) => {
    expect(() => readSettings(env)).toThrow(new RegExp(`^${name} must be set`));
  });
});
