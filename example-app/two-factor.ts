import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileEvidence, secondFactor, type ContactAddress } from 'express-second-factor';
import { languageOf } from './language';
import type { AppPassport } from './passport';
import type { Passwords } from './passwords';
import { isStaff } from './roles';
import type { Senders } from './senders';
import type { Settings } from './settings';
import { shellOf } from './shell';
import type { Stores } from './stores';
import type { User } from './users';

/** At the end of the pages' own stylesheet, so that the step, which has no menu, waits for no other. */
const bar = readFileSync(join(__dirname, 'public', 'bar.css'), 'utf8');

/** Since when the demo's users have had their addresses: long enough for links in notices. */
const SINCE = new Date('2024-01-01');

/** The second factor: everything this app does to have one, besides mounting it in app.ts. */
export const createTwoFactor = (
  passport: AppPassport,
  { origin, key, newBrowser, evidenceDir }: Pick<Settings, 'origin' | 'key' | 'newBrowser' | 'evidenceDir'>,
  {
    accounts,
    pending,
    activity,
    audit,
    users,
    clock,
  }: Pick<Stores, 'accounts' | 'pending' | 'activity' | 'audit' | 'users' | 'clock'>,
  { sms, email }: Senders,
  passwords: Passwords,
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
      contacts: contactsOf,
      byIdentifier: (text) => users.findByIdentifier(text),
      checkPassword: async ({ username }: User, password) =>
        passwords.isRight(password, (await users.findByUsername(username))?.passwordHash),
      peers: async (user: User) => (await users.peersOf(user)).map(({ id }) => id),
      isStaff,
      find: async (query, { after, limit }) => {
        const found = await users.search(query, { limit: limit + 1, ...(after !== null && { after }) });
        const page = found.slice(0, limit);
        return { users: page, next: found.length > limit ? (page.at(-1)?.username ?? null) : null };
      },
    },
    accounts,
    pending,
    activity,
    audit,
    now: clock.now,
    // Whoever is asked has to be reached.
    newBrowser: email || sms ? newBrowser : 'notice',
    rememberBrowser: '30d',
    locale: languageOf,
    brand: { css: bar, header: shellOf },
    passkeys: canHavePasskeys(origin),
    lostAccess: {
      form: {
        operator: ['WebAdmin, s. r. o.', 'Příkladná 1, 110 00 Praha 1'],
        sendTo: 'lost-access@webadmin.example',
        customerNumber: true,
        certification: true,
      },
      // Owners have to be told.
      requests: email ? { liveCode: 'two-people' } : false,
      evidence: { store: fileEvidence({ directory: evidenceDir, keys: [key] }) },
    },
    // Numbers without a country code are taken for Czech ones.
    ...(sms && { sms: { send: sms, defaultRegion: 'CZ' } }),
    ...(email && { email: { send: email } }),
  });

/** Browsers make none for an IP address, or for a name with a single label. */
export function canHavePasskeys(origin: string): boolean {
  const { hostname } = new URL(origin);
  return hostname === 'localhost' || (hostname.includes('.') && !/^[\d.]+$|^\[/.test(hostname));
}

/** Their mailbox, and their phone if they gave one. */
export function contactsOf({ email, phone }: User): ContactAddress[] {
  const mailbox: ContactAddress = { channel: 'email', address: email, since: SINCE };
  return phone === null ? [mailbox] : [mailbox, { channel: 'sms', address: phone, since: SINCE }];
}

export type TwoFactor = ReturnType<typeof createTwoFactor>;
