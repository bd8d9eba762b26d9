import { secondFactor } from 'express-second-factor';
import { languageOf } from './language';
import type { AppPassport } from './passport';
import type { Senders } from './senders';
import type { Settings } from './settings';
import { shellOf } from './shell';
import type { Stores } from './stores';
import type { User } from './users';

/** The second factor: everything this app does to have one, besides mounting it in app.ts. */
export const createTwoFactor = (
  passport: AppPassport,
  { origin, key }: Pick<Settings, 'origin' | 'key'>,
  { accounts, pending, users }: Pick<Stores, 'accounts' | 'pending' | 'users'>,
  { sms, email }: Senders,
) =>
  secondFactor({
    passport,
    appName: 'WebAdmin',
    origin,
    keys: [key],
    users: {
      id: (user: User) => user.id,
      name: (user: User) => user.username,
      byId: (id) => users.findById(id),
    },
    accounts,
    pending,
    locale: languageOf,
    brand: { stylesheet: '/shell.css', header: shellOf },
    passkeys: canHavePasskeys(origin),
    // Numbers without a country code are taken for Czech ones.
    ...(sms && { sms: { send: sms, defaultRegion: 'CZ' } }),
    ...(email && { email: { send: email } }),
  });

/** Browsers make none for an IP address, or for a name with a single label. */
export function canHavePasskeys(origin: string): boolean {
  const { hostname } = new URL(origin);
  return hostname === 'localhost' || (hostname.includes('.') && !/^[\d.]+$|^\[/.test(hostname));
}

export type TwoFactor = ReturnType<typeof createTwoFactor>;
