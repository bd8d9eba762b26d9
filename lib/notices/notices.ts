import type { OutboxItem, UserId, WebhookCall } from '../account/account';
import { dueIn } from '../account/outbox';
import type { AccountChange, Notices, PlannedChange, Scope } from '../core/scope';
import type { Seal } from '../crypto/seal';
import { attempt } from '../delivery/attempt';
import type { Delivery } from '../delivery/delivery';
import { DeliveryError } from '../delivery/message';
import { ENGLISH } from '../delivery/message-texts';
import type { EventName, PlannedEvent, RequestContext } from '../events';
import { Background, eachDue } from './background';
import { addressesNow, readNamed, type Named } from './contacts';
import { linkMessage } from './link-text';
import type { Speech } from './notice-text';
import { send, takeDue } from './outbox';
import { concerns, plan, type Asker } from './plan';
import type { Task } from './tick';
import { type Counts, isStillTaken, nothing, sum, type Tried } from './tries';
import { call, planCalls, type Webhook } from './webhooks';

/** How long the app may take to name addresses while its user waits, ms. */
const PATIENCE = 1000;

/** The request that asks for a change, and the app's answers about its user. */
export interface NoticeAsker {
  readonly from: RequestContext | null;
  /** Somebody of the operator's asks for it: their browser, place and time zone are nothing for its user to read. */
  readonly byStaff: boolean;
  readonly language: () => string | null;
  readonly timeZone: () => string | null;
  /** What `users.contacts` gives; null: there is no user to ask it about. */
  readonly named: (userId: UserId) => Promise<unknown>;
}

export interface NoticesOptions {
  readonly seal: Seal;
  readonly delivery: Delivery;
  readonly speech: Speech;
  /** Whether the app names addresses. */
  readonly asksApp: boolean;
  /** What the app does not want its users told of. */
  readonly untold: readonly EventName[];
  readonly webhooks: readonly Webhook[];
  readonly now: () => number;
  /** Of no request. */
  readonly newScope: () => Scope;
}

interface Sent {
  readonly notices: Counts;
  readonly webhooks: Counts;
}

/** Everything about notices that is made once. */
export interface NoticeOffice {
  /** What a use case plans notices with. */
  of(asker: NoticeAsker): Notices;
  /** Sends what is due, as a part of `tick`. */
  readonly task: Task<Sent>;
  /** Sends nothing more, and waits for what is being sent. */
  close(): Promise<void>;
}

export function createNotices({
  seal,
  delivery,
  speech,
  newScope,
  now,
  asksApp,
  untold,
  webhooks,
}: NoticesOptions): NoticeOffice {
  const background = new Background();
  const isOn = delivery.tells('email') || delivery.tells('sms');

  const sendOne = (userId: UserId, item: OutboxItem): Promise<Counts> =>
    send(newScope(), speech, userId, item, background.signal);
  const callOne = (userId: UserId, taken: WebhookCall): Promise<Counts> =>
    call(newScope(), webhooks, userId, taken, background.signal);

  function soon<Taken extends Tried>(all: readonly Taken[], pass: (taken: Taken) => Promise<Counts>): void {
    for (const taken of all)
      background.add(async () => {
        if (isStillTaken(taken, now())) await pass(taken);
      });
  }

  async function sendDue(userId: UserId): Promise<Sent> {
    const { notices, calls } = await takeDue(newScope(), userId);
    const [sent, called] = await Promise.all([
      Promise.all(notices.taken.map((item) => sendOne(userId, item))),
      Promise.all(calls.taken.map((taken) => callOne(userId, taken))),
    ]);
    return {
      notices: sent.reduce(sum, { ...nothing, dropped: notices.dropped }),
      webhooks: called.reduce(sum, { ...nothing, dropped: calls.dropped }),
    };
  }

  return {
    of: ({ from, byStaff, language, timeZone, named }) => {
      const answers = new Map<UserId, Promise<Answer>>();
      const askOnce = (userId: UserId): Promise<Answer> => {
        const answer = answers.get(userId) ?? ask(() => named(userId), delivery);
        answers.set(userId, answer);
        return answer;
      };
      return {
        addressesOf: async (account) => {
          if (account.shadowUntil !== undefined) return [];
          const app = asksApp ? await askOnce(account.userId) : null;
          if (app?.named === null && !account.contacts?.some((one) => one.named)) return null;
          return addressesNow(account, app?.named ?? null, now(), { seal, delivery });
        },
        sendLink: (account, to, url) => {
          const message = linkMessage(speech, to, {
            url,
            at: now(),
            from: from && { browser: from.browser, address: from.address },
            // First that of the account: whoever signs in may be an intruder.
            language: account.language ?? language() ?? ENGLISH,
            timeZone: timeZone(),
          });
          return delivery.passLink(account.userId, to, message);
        },
        plan: async (change) => {
          // It is nobody's: there is nobody to tell.
          if (change.account.shadowUntil !== undefined) return change;
          const planned: PlannedChange = isOn ? await planNotice(change) : change;
          if (webhooks.length === 0) return planned;
          const { userId } = change.account;
          const { calls, ...called } = planCalls(webhooks, planned, from, change.now);
          return {
            ...called,
            written: () => {
              planned.written?.();
              soon(calls, (taken) => callOne(userId, taken));
            },
          };
        },
      };

      async function planNotice(whole: AccountChange): Promise<PlannedChange> {
        const isTold = ({ name }: PlannedEvent): boolean => !untold.includes(name);
        const change = { ...whole, events: whole.events.filter(isTold) };
        if (!concerns(change)) return whole;
        const { userId } = change.account;
        const app = asksApp ? await askOnce(userId) : { named: null, events: [] };
        const place = byStaff
          ? { from: null, language: null, timeZone: null }
          : { from, language: language(), timeZone: timeZone() };
        const asker: Asker = { ...place, named: app.named };
        const { account, events, items } = plan(change, asker, { seal, delivery });
        const others = whole.events.filter((event) => !isTold(event));
        return {
          account,
          events: [...events, ...others, ...app.events],
          written: () => soon(items, (item) => sendOne(userId, item)),
        };
      }
    },
    task: async (bounds) => {
      let done: Sent = { notices: nothing, webhooks: nothing };
      const more = await eachDue(dueIn(newScope().accounts, now()), bounds, async (userId) => {
        const sent = await sendDue(userId);
        done = {
          notices: sum(done.notices, sent.notices),
          webhooks: sum(done.webhooks, sent.webhooks),
        };
        return [sent.notices, sent.webhooks].some((counts) =>
          Object.values(counts).some((count) => count > 0),
        );
      });
      if (bounds.finish) await background.settle(bounds.isOver);
      return { done, more };
    },
    close: () => background.close(),
  };
}

interface Answer {
  /** null: it can't be asked. */
  readonly named: readonly Named[] | null;
  readonly events: readonly PlannedEvent[];
}

/** What the app names, unless it fails, takes too long or gives something else: that holds up no user. */
async function ask(named: () => Promise<unknown>, delivery: Delivery): Promise<Answer> {
  type Reason = Extract<PlannedEvent, { name: 'contacts.failed' }>['reason'];
  const failed = (reason: Reason) => ({
    named: null,
    events: [{ name: 'contacts.failed', reason } as const],
  });
  const reading = async () => {
    const given = await named();
    return given === null ? 'no_user' : (readNamed(given, delivery) ?? 'malformed');
  };
  const read = await attempt(reading, { timeout: PATIENCE }).catch((error: unknown): Reason =>
    error instanceof DeliveryError && error.kind === 'timeout' ? 'slow' : 'failed',
  );
  return typeof read === 'string' ? failed(read) : { named: read, events: [] };
}
