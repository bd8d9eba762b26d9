import { memoryAccounts, memoryAudit, memoryPending, secondFactor } from '../../lib';
import type { Account, UserId } from '../../lib/account/account';
import { type Recovery, withRequest } from '../../lib/account/recovery';
import { update } from '../../lib/core/update';
import { DeliveryError, type Message } from '../../lib/delivery/message';
import { sealContact } from '../../lib/notices/contacts';
import { coreScope } from '../core/core-scope';
import { Passport7, seeds } from '../hosts/host';
import { aRequest } from '../recovery/a-request';
import { fakeClock } from '../support/clock';
import { origin, testKey, type TestUser } from '../support/host-app';
import { override } from '../support/override';
import { signing } from '../support/signing';
import { cli, type Answer } from './cli';

export const by = '--actor id-eve --reason "Called from the number on file."';

/** An app as its config module exports it. Ann and Cyd have an authenticator app, Bob has nothing, Eve works there. */
export async function anApp(given: object = {}) {
  const clock = fakeClock();
  const mails = { sent: [] as Message[], isDown: false };
  const people: TestUser[] = ['ann', 'bob', 'cyd', 'eve'].map((name) => ({ id: `id-${name}`, name }));
  const stores = { accounts: memoryAccounts(), audit: memoryAudit() };
  let failing = '';
  const accounts = override(stores.accounts, {
    load: (id) => (id === failing ? Promise.reject(new Error('hunter2')) : stores.accounts.load(id)),
  });
  const config = {
    ...stores,
    accounts,
    appName: 'Test App',
    origin,
    keys: [testKey],
    users: {
      id: ({ id }: TestUser) => id,
      name: ({ name }: TestUser) => name,
      byId: (id: string) => people.find((user) => user.id === id),
      find: () => ({ users: people, next: null }),
      contacts: ({ name }: TestUser) => [
        { channel: 'email' as const, address: `${name}@example.com`, since: 1 },
      ],
    },
    email: {
      send: async (message: Message) => {
        if (mails.isDown) throw new DeliveryError('network');
        mails.sent.push(message);
      },
    },
    lostAccess: { form: { operator: ['Test'], sendTo: 'help@example.com' }, requests: {} },
    now: clock.now,
    ...given,
  };
  /** Each process has its own. */
  const ofProcess = () => ({ passport: new Passport7(), pending: memoryPending({ now: clock.now }) });
  const twoFactor = secondFactor<TestUser>({ ...config, ...ofProcess() });
  for (const name of ['ann', 'cyd'] as const)
    await twoFactor.importFactor(`id-${name}`, { type: 'totp', secret: seeds[name], label: 'Phone' });
  await twoFactor.tick({ finish: true });
  await twoFactor.close();
  mails.sent.length = 0;
  const scope = coreScope({ clock, accounts: signing(stores.accounts), keys: [testKey] });
  const change = (name: string, to: (account: Account) => Account) =>
    update<void>(scope, `id-${name}` as UserId, (account) => ({ account: to(account), outcome: undefined }));
  return {
    clock,
    mails,
    /** From now on the store fails for one user. */
    failAt: (id: string): void => {
      failing = id;
    },
    change,
    accountOf: async (name: string) => (await stores.accounts.load(`id-${name}` as UserId)) as Account,
    auditOf: async (name: string) => twoFactor.admin.audit(`id-${name}`),
    put: (name: string, request: Partial<Recovery>) =>
      change(name, (account) => {
        const address = sealContact(account.userId, `${name}@example.com`, scope.seal);
        const contact = { channel: 'email' as const, address, hint: 'a•••@e•••.com', onFile: true };
        return withRequest(account, aRequest(request.state ?? 'in_review', { contact, ...request }));
      }),
    ask: (
      line: string,
      besides: { file?: string; isTTY?: boolean; without?: string } = {},
    ): Promise<Answer> => {
      const { without = '', ...io } = besides;
      const exported = Object.entries({ ...config, ...ofProcess() }).filter(([name]) => name !== without);
      return cli(`${line} --config config.mjs`, { config: Object.fromEntries(exported), ...io });
    },
  };
}
