import type { Account, UserId } from '../../../lib/account/account';
import { openRequest, type Recovery } from '../../../lib/account/recovery';
import { type Address, readAddress } from '../../../lib/delivery/address';
import { type Asker, beginRequest, readAsked } from '../../../lib/recovery/begin';
import { requestsTask } from '../../../lib/recovery/due';
import { findRequest, type Found } from '../../../lib/recovery/requests';
import { memoryAccounts } from '../../../lib/stores/memory-accounts';
import { memoryPending } from '../../../lib/stores/memory-pending';
import type { Accounts, Issued, Pending } from '../../../lib/stores/contracts';
import {
  ada,
  coreScope,
  type CoreScope,
  enrol,
  type Enrolled,
  halfLogin,
  settingsWith,
} from '../../core/core-scope';
import { settings } from '../../recovery/a-request';
import { fakeClock } from '../../support/clock';

export { ada };

/** Where ada is known to be reached, and where a stranger is. */
export const places = {
  mailbox: address('otp-email', 'ada@example.com'),
  phone: address('otp-sms', '+420601123456'),
  'own mailbox': address('otp-email', 'stranger@example.org'),
  'own phone': address('otp-sms', '+420777000111'),
} as const;
export type Place = keyof typeof places;
/** Of those, the ones on file. */
export const onFile = ['mailbox', 'phone'] as const satisfies readonly Place[];
export const own = ['own mailbox', 'own phone'] as const satisfies readonly Place[];

function address(type: 'otp-email' | 'otp-sms', text: string): Address {
  const read = readAddress(type, text, { regions: null, defaultRegion: null });
  if (!read.ok) throw new Error(read.code);
  return read.address;
}

/** All that can change, to go back to. */
export interface Moment {
  readonly accounts: ReadonlyMap<UserId, Account>;
  readonly codes: ReadonlyMap<string, readonly Issued[]>;
  readonly tries: ReadonlyMap<string, number>;
  /** The newest code that came to each address. */
  readonly inbox: ReadonlyMap<string, string>;
  readonly now: number;
}

/** The account of ada, who has an app, a mailbox and a phone on file, and what anybody may do about it. */
export interface World {
  readonly scope: CoreScope;
  /** ada's browser, as it is known. */
  readonly enrolled: Enrolled;
  save(): Moment;
  restore(moment: Moment): void;
  account(): Promise<Account>;
  request(): Promise<Recovery | undefined>;
  found(): Promise<Found>;
  codeAt(place: Place): string;
  begin(place: Place, given?: Partial<Asker>): ReturnType<typeof beginRequest>;
  /** With the password. */
  login(): Promise<Asker['login']>;
  tick(): Promise<unknown>;
}

export async function aWorld(given: { readonly limited?: boolean } = {}): Promise<World> {
  let accounts = new Map<UserId, Account>();
  let codes = new Map<string, readonly Issued[]>();
  let tries = new Map<string, number>();
  let inbox = new Map<string, string>();
  const clock = fakeClock();
  const store: Accounts = {
    ...memoryAccounts(),
    load: async (userId) => accounts.get(userId) ?? null,
    save: async (account, over) => {
      if ((accounts.get(account.userId)?.rev ?? null) !== over) return false;
      accounts.set(account.userId, account);
      return true;
    },
    remove: async (userId) => void accounts.delete(userId),
    all: async function* all() {
      yield* accounts.values();
    },
  };
  const kept = memoryPending({ now: clock.now });
  const pending: Pending = given.limited
    ? kept
    : {
        ...kept,
        codes: {
          put: async (id, code) => void codes.set(id, [code]),
          read: async (id) => codes.get(id) ?? [],
          remove: async (id) => void codes.delete(id),
        },
        tries: {
          count: async (id) => {
            tries.set(id, (tries.get(id) ?? 0) + 1);
            return tries.get(id) ?? 0;
          },
          takeBack: async (id) => void tries.set(id, (tries.get(id) ?? 1) - 1),
          read: async (id) => ({ count: tries.get(id) ?? 0, left: 0 }),
        },
        budgets: { take: async () => ({ ok: true }), giveBack: async () => undefined },
      };
  const base = coreScope({ clock, accounts: store, pending, settings: settingsWith({ recovery: settings }) });
  const scope: CoreScope = {
    ...base,
    delivery: {
      ...base.delivery,
      reaches: () => true,
      send: async ({ to, code }) => {
        inbox.set(to.key, code);
        return null;
      },
    },
    notices: {
      ...base.notices,
      addressesOf: async ({ userId }) => (userId === ada ? onFile.map((place) => places[place]) : []),
    },
  };
  const enrolled = await enrol(scope);
  const account = async () => {
    const found = await store.load(ada);
    if (!found) throw new Error('ada has no account');
    return found;
  };
  const request = async () => openRequest(await account());
  return {
    scope,
    enrolled,
    save: () => ({
      accounts: new Map(accounts),
      codes: new Map(codes),
      tries: new Map(tries),
      inbox: new Map(inbox),
      now: clock.now(),
    }),
    restore(moment) {
      accounts = new Map(moment.accounts);
      codes = new Map(moment.codes);
      tries = new Map(moment.tries);
      inbox = new Map(moment.inbox);
      clock.set(moment.now);
    },
    account,
    request,
    async found() {
      const { recoveries = [] } = await account();
      const [newest] = recoveries;
      const found = newest && (await findRequest(scope, ada, newest.id));
      if (!found) throw new Error('there is no request');
      return found;
    },
    codeAt: (place) => inbox.get(places[place].key) ?? '',
    begin(place, asker = {}) {
      const { channel, address: to } = places[place];
      const asked = readAsked(scope, { lost: ['totp'], contact: { channel, address: to }, text: 'Help.' });
      if (!asked.ok) throw new Error(asked.field);
      const stranger: Asker = {
        login: null,
        userId: ada,
        isStaff: false,
        tokens: [],
        language: { lang: 'en', dir: 'ltr' },
        timeZone: null,
      };
      return beginRequest(scope, { ...stranger, ...asker }, asked);
    },
    login: () => halfLogin(scope),
    tick: () => requestsTask(() => scope)({ limit: 100, isOver: () => false }),
  };
}
