import type { Request } from 'express';
import type { CodeType } from '../account/account';
import type { Host } from './host';

const typeOf = { sms: 'otp-sms', email: 'otp-email' } as const;

/** The channel that opened the first door. One mailbox must not open both (NIST SP 800-63B-4 §3.1.3.1). */
export async function shutBy(host: Host, user: unknown, req: Request): Promise<CodeType | null> {
  const channel = (await host.options.users.passwordResetChannel?.(user, req)) ?? null;
  return channel === null ? null : typeOf[channel];
}
