import type { Account, UserId } from '../account/account';
import type { AuditRecord, ChainEnd } from '../account/audit';
import { dueIn } from '../account/outbox';
import type { AuthenticAccounts } from '../core/authentic-accounts';
import type { Notices, Scope } from '../core/scope';
import { unchanged, update } from '../core/update';
import type { ChainEnds } from '../crypto/chain-ends';
import type { KeyRing } from '../crypto/key-ring';
import { pseudonymOf } from '../crypto/digest';
import { Background, eachDue } from '../notices/background';
import type { Task } from '../notices/tick';
import type { AuditStore } from '../stores/audit';
import { inTime } from '../stores/deadline';
import { endTrail, withUnsent } from './chain';

export interface AuditOptions {
  /** null: accounts keep the end of their chain, and nothing else. */
  readonly store: AuditStore | null;
  readonly accounts: AuthenticAccounts;
  readonly ends: ChainEnds;
  readonly ring: KeyRing;
  readonly now: () => number;
  /** How long one call to the store may take, ms. */
  readonly deadline: number;
  /** Of no request. */
  readonly newScope: () => Scope;
}

/** Everything about the audit that is made once. */
export interface AuditOffice {
  /** The same notices; records that are saved with a change are brought to the store after it. */
  beside(notices: Notices): Notices;
  /** Brings what a process that died has left, as a part of `tick`; says how many records. */
  readonly task: Task<number>;
  /** All records of a user, the oldest first, with those that are yet to reach the store. */
  list(userId: UserId): Promise<readonly AuditRecord[]>;
  /** Ends the chain of a user who is about to be forgotten, and leaves a pseudonym in the place of the id. */
  forget(userId: UserId): Promise<void>;
  /** The ends of all users who were forgotten. */
  allEnds(): AsyncIterable<ChainEnd>;
  /** Signs with the first key again what another one signed; returns how many ends. */
  reseal(): Promise<number>;
  close(): Promise<void>;
}

export function createAudit(options: AuditOptions): AuditOffice {
  const { store, accounts, ends, ring, now, deadline, newScope } = options;
  const background = new Background();
  const asked = <T>(ask: (store: AuditStore) => Promise<T>, otherwise: T): Promise<T> =>
    store ? inTime('audit', deadline, () => ask(store)) : Promise.resolve(otherwise);

  /** The store takes each record once, so it does not matter how many processes bring it. */
  async function bring(userId: UserId): Promise<number> {
    const scope = newScope();
    const account = await scope.accounts.load(userId);
    const unsent = account?.audit?.unsent ?? [];
    if (unsent.length === 0) return 0;
    await asked((to) => to.append(unsent), undefined);
    const sent = new Set(unsent.map(({ hash }) => hash));
    await update(scope, userId, (latest) => withoutSent(latest, sent), account);
    return unsent.length;
  }

  async function* allEnds(): AsyncGenerator<ChainEnd, void, undefined> {
    if (!store) return;
    for await (const of of store.chains()) yield* (await store.list(of)).ends;
  }

  return {
    beside: (notices) => ({
      ...notices,
      plan: async (change) => {
        const planned = await notices.plan(change);
        const before = change.before.audit;
        const { audit, userId } = planned.account;
        if (!audit || audit.hash === before?.hash) return planned;
        if (!store || planned.account.shadowUntil !== undefined) {
          // Records that wait are left: the option may have been left out by mistake.
          const unkept = { ...audit, unsent: before?.unsent ?? [], notKept: audit.seq };
          return { ...planned, account: { ...planned.account, audit: unkept } };
        }
        // Whoever forgets a user brings the records, too.
        if (audit.ended) return planned;
        return {
          ...planned,
          written: () => {
            planned.written?.();
            background.add(() => bring(userId));
          },
        };
      },
    }),
    task: async (bounds) => {
      if (!store) return { done: 0, more: false };
      let done = 0;
      const more = await eachDue(dueIn(newScope().accounts, now()), bounds, async (userId) => {
        const brought = await bring(userId);
        done += brought;
        return brought > 0;
      });
      if (bounds.finish) await background.settle(bounds.isOver);
      return { done, more };
    },
    list: async (userId) => {
      // The account first: what leaves it meanwhile is in the store by then.
      const account = await newScope().accounts.load(userId);
      const { records } = await asked((of) => of.list(pseudonymOf(userId)), { records: [], ends: [] });
      return withUnsent(records, account);
    },
    forget: async (userId) => {
      const seen = await inTime('account', deadline, () => accounts.examine(userId));
      const of = pseudonymOf(userId);
      if (store && seen?.authenticity === 'genuine' && seen.account.audit) {
        const trail = await update(newScope(), userId, (account, at) => {
          const ended = endTrail(account, at);
          return ended === account ? unchanged(account.audit) : { account: ended, outcome: ended.audit };
        });
        const { seq = 0, hash = null, unsent = [], notKept } = trail ?? {};
        const end = { of, seq, ...(notKept !== undefined && { notKept }) };
        await asked((to) => to.append(unsent), undefined);
        if (hash !== null) await asked((to) => to.end(ends.sign({ ...end, hash })), undefined);
      }
      await asked((to) => to.blank(of), undefined);
    },
    allEnds,
    reseal: async () => {
      let resealed = 0;
      for await (const end of allEnds()) {
        if (ends.check(end) !== 'genuine' || ends.keyIdOf(end) === ring.first.id) continue;
        await asked((to) => to.end(ends.sign(end)), undefined);
        resealed += 1;
      }
      return resealed;
    },
    close: async () => {
      await background.close();
      await store?.close?.();
    },
  };
}

const withoutSent = (account: Account, sent: ReadonlySet<string>) => {
  const unsent = account.audit?.unsent.filter(({ hash }) => !sent.has(hash)) ?? [];
  return !account.audit || unsent.length === account.audit.unsent.length
    ? unchanged<void>(undefined)
    : { account: { ...account, audit: { ...account.audit, unsent } }, outcome: undefined };
};
