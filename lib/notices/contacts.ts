import type { Account, Channel, Contact, Recipient, UserId } from '../account/account';
import type { Seal } from '../crypto/seal';
import type { Address } from '../delivery/address';
import type { Delivery } from '../delivery/delivery';
import { codeFactors, openAddress } from '../factors/one-time-code';

export const DAY = 86_400_000;

/** How long notices still go to an address that is gone, so that nobody can silence them by changing it. */
const KEPT = 30 * DAY;
/** How many are kept at most, including those that are gone. */
const MOST = 20;
/** How many of the app's count. */
const MOST_NAMED = 10;
/** How many of those that are gone are kept however many there are now. */
const MOST_GONE = 5;

/** An address that the app gave, in its canonical form. */
export interface Named {
  readonly to: Address;
  /** ms */
  readonly since: number | null;
}

type Tools = { readonly seal: Seal; readonly delivery: Delivery };

/**
 * What the app's `users.contacts` gave, read: addresses that can't be written to, and those it says don't work, are
 * left out. Undefined if it is not a list of addresses at all.
 */
export function readNamed(given: unknown, delivery: Delivery): readonly Named[] | undefined {
  if (!Array.isArray(given)) return undefined;
  const named: Named[] = [];
  for (const one of given.slice(0, MOST_NAMED) as readonly unknown[]) {
    const { channel, address, since, usable } = (one ?? {}) as Readonly<Record<string, unknown>>;
    if ((channel !== 'sms' && channel !== 'email') || typeof address !== 'string') return undefined;
    const read = delivery.read(`otp-${channel}`, address);
    if (read.ok && usable !== false) named.push({ to: read.address, since: msOf(since) });
  }
  return named;
}

function msOf(since: unknown): number | null {
  const ms = since instanceof Date ? since.getTime() : since;
  return typeof ms === 'number' && Number.isFinite(ms) ? ms : null;
}

export interface Contacts {
  readonly account: Account;
  /** The app gave different addresses before. */
  readonly isChanged: boolean;
}

/**
 * The account with its contacts as they are now: what the app names and what was proven, and for a while what either of
 * them was before.
 *
 * @param named null: the app can't be asked, so what it named last still counts
 */
export function noteContacts(
  { before, account }: { readonly before: Account; readonly account: Account },
  named: readonly Named[] | null,
  now: number,
  tools: Tools,
): Contacts {
  const known = knownOf(before, tools);
  const lastNamed = known.filter(({ contact }) => contact.named && contact.goneAt === null);
  const nowNamed: readonly Named[] = named ?? lastNamed.map(({ to }) => ({ to, since: null }));
  const proven = provenOf(account, tools);

  const next: Contact[] = [];
  const keys = new Set<string>();
  for (const { to, since, isNamed } of [
    ...nowNamed.map((one) => ({ ...one, isNamed: true })),
    ...proven.map((one) => ({ ...one, isNamed: false })),
  ]) {
    if (keys.has(keyOf(to))) continue;
    keys.add(keyOf(to));
    const old = known.find((one) => keyOf(one.to) === keyOf(to))?.contact;
    const isSame = old !== undefined && old.goneAt === null;
    next.push({
      channel: to.channel,
      address: old?.address ?? sealContact(before.userId, to.address, tools.seal),
      since: Math.min(since ?? (isSame ? old.since : now), now),
      named: isNamed,
      goneAt: null,
    });
  }
  const gone = known
    .filter(({ to }) => !keys.has(keyOf(to)))
    .map(({ contact }) => ({ ...contact, goneAt: contact.goneAt ?? now }))
    .filter(({ goneAt }) => now - goneAt < KEPT)
    // Those that were the user's for longest: nobody can push them out by adding many, or by changing them often.
    .toSorted((one, other) => one.since - other.since);
  const present = next.slice(0, MOST - Math.min(gone.length, MOST_GONE));
  const contacts = [...present, ...gone].slice(0, MOST);

  const asBefore = new Set(lastNamed.map(({ to }) => keyOf(to)));
  const isOther = nowNamed.length !== asBefore.size || nowNamed.some(({ to }) => !asBefore.has(keyOf(to)));
  return {
    account: isSameList(before.contacts, contacts) ? account : { ...account, contacts },
    // Nothing to compare with: nobody has looked before.
    isChanged: named !== null && asBefore.size > 0 && isOther,
  };
}

/** Where the user can be reached now, on every channel that the app sends on. */
export function addressesNow(
  account: Account,
  named: readonly Named[] | null,
  now: number,
  tools: Tools,
): readonly Address[] {
  const { contacts = [] } = noteContacts({ before: account, account }, named, now, tools).account;
  return contacts
    .filter(({ channel, goneAt }) => goneAt === null && tools.delivery.reaches(channel))
    .flatMap((contact) => {
      const read = readContact(account.userId, contact, tools);
      return read.ok ? [read.address] : [];
    });
}

/** Who is told: every mailbox and, if none of them is in use any more and the app allows it, phones. */
export function recipientsOf(account: Account, delivery: Delivery): Recipient[] {
  const by = (channel: Channel): readonly Contact[] =>
    delivery.tells(channel) ? (account.contacts ?? []).filter((one) => one.channel === channel) : [];
  const mailboxes = by('email');
  const isRead = mailboxes.some(({ goneAt }) => goneAt === null);
  const told = isRead ? mailboxes : [...mailboxes, ...by('sms')];
  return told.map(recipient);
}

/**
 * Every mailbox and, where it is urgent, every phone: also those of a channel on which the app sends no other notices.
 */
export const everywhere = (account: Account, delivery: Delivery, isUrgent: boolean): Recipient[] =>
  (account.contacts ?? [])
    .filter(({ channel }) => delivery.reaches(channel) && (channel === 'email' || isUrgent))
    .map(recipient);

const recipient = ({ channel, address, since, goneAt }: Contact): Recipient => ({
  channel,
  address,
  since,
  goneAt,
});

/** An address on file; refused if the app no longer writes to such a one. */
export const readContact = (
  userId: UserId,
  contact: Pick<Contact, 'channel' | 'address'>,
  { seal, delivery }: Tools,
) => delivery.read(`otp-${contact.channel}`, openContact(userId, contact, seal));

export const openContact = (userId: UserId, { address }: Pick<Contact, 'address'>, seal: Seal): string =>
  seal.open(address, contextOf(userId)).toString();

export const sealContact = (userId: UserId, address: string, seal: Seal) =>
  seal.close(Buffer.from(address), contextOf(userId));

const contextOf = (user: UserId) => ({ user, factor: '', purpose: 'contact' }) as const;

const keyOf = ({ channel, key }: Address): string => `${channel} ${key}`;

/** What the account knows, and what was proven before anyone looked. */
function knownOf(account: Account, tools: Tools): { readonly to: Address; readonly contact: Contact }[] {
  const known = (account.contacts ?? []).flatMap((contact) => {
    const read = readContact(account.userId, contact, tools);
    return read.ok ? [{ to: read.address, contact }] : [];
  });
  const keys = new Set(known.map(({ to }) => keyOf(to)));
  const proven = provenOf(account, tools)
    .filter(({ to }) => !keys.has(keyOf(to)))
    .map(({ to, since }) => ({
      to,
      contact: {
        channel: to.channel,
        address: sealContact(account.userId, to.address, tools.seal),
        since,
        named: false,
        goneAt: null,
      },
    }));
  return [...known, ...proven];
}

function provenOf(
  account: Account,
  { seal, delivery }: Tools,
): { readonly to: Address; readonly since: number }[] {
  return (['otp-email', 'otp-sms'] as const).flatMap((type) =>
    codeFactors(account, type).flatMap((factor) => {
      const read = delivery.read(type, openAddress(account, factor, seal));
      return read.ok ? [{ to: read.address, since: factor.createdAt }] : [];
    }),
  );
}

const isSameList = (one: readonly Contact[] = [], other: readonly Contact[]): boolean =>
  one.length === other.length &&
  one.every((contact, at) => JSON.stringify(contact) === JSON.stringify(other[at]));
