import { secondFactor } from 'express-second-factor';
import type { AppPassport } from './passport';
import type { Senders } from './senders';
import type { Settings } from './settings';
import type { Stores } from './stores';
import type { User } from './users';

/** The second factor, and all that this app does to have one besides mounting it in app.ts. */
export const createTwoFactor = (
  passport: AppPassport,
  { origin, key }: Pick<Settings, 'origin' | 'key'>,
  { accounts, pending }: Pick<Stores, 'accounts' | 'pending'>,
  { sms, email }: Senders,
) =>
  secondFactor({
    passport,
    appName: 'WebAdmin',
    origin,
    keys: [key],
    users: { id: (user: User) => user.id, name: (user: User) => user.username },
    accounts,
    pending,
    // Numbers without a country code are taken for Czech ones.
    ...(sms && { sms: { send: sms, defaultRegion: 'CZ' } }),
    ...(email && { email: { send: email } }),
  });

export type TwoFactor = ReturnType<typeof createTwoFactor>;
