import { StartError } from './errors';

/** Who delivers codes in production, according to the environment. */
export interface SenderSettings {
  readonly vonage: { readonly apiKey: string; readonly apiSecret: string; readonly from: string } | undefined;
  readonly sendgrid: { readonly apiKey: string; readonly from: string } | undefined;
  readonly smtp: { readonly url: string; readonly from: string } | undefined;
}

export function readSenderSettings(env: NodeJS.ProcessEnv): SenderSettings {
  const need = (name: string, becauseOf: string): string => {
    const value = env[name];
    if (value) return value;
    throw new StartError(`${name} must be set too, because ${becauseOf} is`);
  };
  const { VONAGE_API_KEY, SENDGRID_API_KEY, SMTP_URL } = env;
  return {
    vonage: VONAGE_API_KEY
      ? {
          apiKey: VONAGE_API_KEY,
          apiSecret: need('VONAGE_API_SECRET', 'VONAGE_API_KEY'),
          from: need('SMS_FROM', 'VONAGE_API_KEY'),
        }
      : undefined,
    sendgrid: SENDGRID_API_KEY
      ? { apiKey: SENDGRID_API_KEY, from: need('MAIL_FROM', 'SENDGRID_API_KEY') }
      : undefined,
    smtp: SMTP_URL ? { url: SMTP_URL, from: need('MAIL_FROM', 'SMTP_URL') } : undefined,
  };
}
