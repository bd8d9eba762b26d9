import { memoryAudit, memorySender, type AdminAction, type SecondFactor, type SentMessage } from '../../lib';
import type { Account, UserId } from '../../lib/account/account';
import { type Recovery, withRequest } from '../../lib/account/recovery';
import { AuthenticAccounts } from '../../lib/core/authentic-accounts';
import type { Scope } from '../../lib/core/scope';
import { update } from '../../lib/core/update';
import { createAccountMacs } from '../../lib/crypto/account-mac';
import { createKeyRing } from '../../lib/crypto/key-ring';
import { sealContact } from '../../lib/notices/contacts';
import { sealIn } from '../../lib/recovery/begin';
import { dueOf } from '../../lib/recovery/transitions';
import { coreScope } from '../core/core-scope';
import { host, type Host, type Shape } from '../hosts/host';
import { browser, codeAt, type BrowserAgent } from '../support/browser-agent';
import { seconds } from '../support/clock';
import { testKey, type TestUser } from '../support/host-app';
import { aRequest, DAY, matching } from '../recovery/a-request';

/** Those who work there, by role. */
export const staff = {
  boss: 'IFBEGRCFIZDUQSKKJNGE2TSPKBIVEU2U',
  rita: 'KRSXG5CTMVRXEZLUKRSXG5CTMVRXEZLU',
  rolf: 'JBSWY3DPFQQFO33SNRSCC5DFON2GS3TH',
  audra: 'MFZWIZTHNBVGW3DQN5UXK6LUOJSXO4LF',
} as const;
export type Worker = keyof typeof staff;

const roleOf = ({ name }: TestUser): 'admin' | 'reviewer' | 'auditor' | 'customer' => {
  if (name === 'boss') return 'admin';
  if (name === 'rita' || name === 'rolf') return 'reviewer';
  return name === 'audra' ? 'auditor' : 'customer';
};

const HANDLING = /^requests\.|^users\.live-code\.confirm$/;

/** As the example app decides: below the boss nobody acts on staff, and the auditor only reads. */
export function mayDo(user: TestUser, action: AdminAction, target: TestUser | null): boolean {
  const role = roleOf(user);
  if (role === 'customer') return false;
  if (action.endsWith('.read')) return true;
  if (role === 'auditor') return false;
  if (role === 'admin') return true;
  return HANDLING.test(action) && (!target || roleOf(target) === 'customer');
}

export interface AdminHost extends Host {
  /** The stores of the app, for what no page does. */
  readonly scope: Scope;
  /** A member of the staff, with a fresh proof. */
  at(name: Worker): Promise<BrowserAgent>;
  accountOf(name: string): Promise<Account>;
  change(name: string, how: (account: Account) => Account): Promise<void>;
  /** Puts a request into the account of a customer: in review, unless something else is said. */
  put(name: string, given?: Partial<Recovery>): Promise<Recovery>;
  /** The newest first. */
  mails(): readonly SentMessage[];
}

export const reason = 'Called from the number on file.';
export const base = '/admin/2fa';

/** An app with staff, whose customers Ann and Cyd have an authenticator app, and Bob has nothing. */
export async function adminHost(shape: Shape = {}): Promise<AdminHost> {
  const sender = memorySender();
  const built = await host({
    ...shape,
    options: {
      audit: memoryAudit(),
      email: { send: sender },
      lostAccess: { form: { operator: ['Test'], sendTo: 'help@example.com' }, requests: {} },
      ...shape.options,
      users: {
        id: (user) => user.id,
        name: (user) => user.name,
        byId: (id) => everybody().find((user) => user.id === id),
        find: (query, { after, limit }) => {
          const found = everybody()
            .filter(({ name }) => name.toLowerCase().includes(query.toLowerCase()))
            .toSorted((one, other) => (one.name < other.name ? -1 : 1))
            .filter(({ name }) => after === null || name > after);
          const users = found.slice(0, limit);
          return { users, next: found.length > limit ? (users.at(-1)?.name ?? null) : null };
        },
        isStaff: (user) => roleOf(user) !== 'customer',
        contacts: ({ name }) => [
          { channel: 'email', address: name.includes('@') ? name : `${name}@example.com`, since: 1 },
        ],
        ...shape.options?.users,
      },
    },
    routes: (made) => {
      made.app.use(
        base,
        made.twoFactor.adminRouter({
          authorize: (req, action, target) => mayDo(req.user as TestUser, action, target?.user ?? null),
        }),
      );
      shape.routes?.(made);
    },
  });
  const everybody = (): TestUser[] => [...built.users.values()];
  for (const [name, secret] of Object.entries(staff)) {
    built.users.set(name, { id: `id-${name}`, name });
    await built.twoFactor.importFactor(`id-${name}`, { type: 'totp', secret, label: 'Phone' });
  }
  const scope = coreScope({
    clock: built.clock,
    accounts: new AuthenticAccounts(
      built.options.accounts,
      createAccountMacs(createKeyRing([testKey])),
      () => undefined,
    ),
    pending: built.options.pending,
    keys: [testKey],
  });
  let made = 0;
  return {
    ...built,
    scope,
    get twoFactor(): SecondFactor<TestUser> {
      return built.twoFactor;
    },
    mails: () => sender.sent,
    at: async (name) => {
      const agent = browser(built.app);
      await agent.signIn(name).expect(401);
      built.clock.move(30 * seconds);
      await agent.post('/2fa/totp', { code: codeAt(staff[name], built.clock.now()) }).expect(200);
      return agent;
    },
    accountOf: async (name) => (await scope.accounts.load(`id-${name}` as UserId)) as Account,
    change: (name, how) =>
      update<void>(scope, `id-${name}` as UserId, (account) => ({
        account: how(account),
        outcome: undefined,
      })),
    put: async (name, given = {}) => {
      const userId = `id-${name}` as UserId;
      const id = `request-${(made += 1)}` as Recovery['id'];
      const reference = `RA-ABCDEFGHJ${'KMNPQRSTUV'[made % 10]}`;
      const startedAt = built.clock.now();
      const state = given.state ?? 'in_review';
      const address = sealContact(userId, `${name}@example.com`, scope.seal);
      const request = aRequest(state, {
        id,
        reference,
        startedAt,
        steps: [{ at: startedAt, state }],
        contact: { channel: 'email', address, hint: 'a•••@e•••.com', onFile: true },
        text: sealIn(scope, userId, id, 'My phone is at the bottom of a lake.'),
        evidence: [...matching('password', 'mail'), invoice(scope, userId, id, startedAt)],
        ...given,
      });
      const due = { ...request, dueAt: dueOf(request) };
      await update(scope, userId, (account) => ({ account: withRequest(account, due), outcome: null }));
      return due;
    },
  };
}

const invoice = (scope: Scope, userId: UserId, id: string, at: number): Recovery['evidence'][number] => ({
  id: 'invoice-1',
  kind: 'invoice',
  at,
  facts: sealIn(scope, userId, id, JSON.stringify({ number: '2026-0001' })),
});

export { DAY };
