import { createHmac, hash } from 'node:crypto';
import type { Account, UserId, WebhookCall } from '../account/account';
import { addCall, withCalls } from '../account/outbox';
import type { Scope } from '../core/scope';
import { unchanged, update } from '../core/update';
import { randomNoticeId } from '../crypto/random';
import type { EventName, PlannedEvent, RequestContext } from '../events';
import { post } from './post';
import { type Counts, LEASE, nextTry, nothing } from './tries';

/** An endpoint of the app that is told about events. */
export interface Webhook {
  readonly url: URL;
  /** All of them sign, so that one can be replaced. */
  readonly secrets: readonly Buffer[];
  readonly events: readonly EventName[];
  readonly allowPrivate: boolean;
}

/** What an endpoint may take to answer, ms: as the Standard Webhooks specification recommends. */
const PATIENCE = 15_000;

/** Names a webhook in the account, where its address need not stand. */
const hookKey = ({ url }: Webhook): string => hash('sha256', url.href, 'base64url').slice(0, 22);

/** Adds to a change the calls of the webhooks that want its events, taken from the start like a notice. */
export function planCalls(
  hooks: readonly Webhook[],
  given: { readonly account: Account; readonly events: readonly PlannedEvent[] },
  from: RequestContext | null,
  now: number,
) {
  const calls = given.events.flatMap((event) =>
    hooks
      .filter(({ events }) => events.some((name) => name === event.name))
      .map((hook): WebhookCall => ({
        id: randomNoticeId(),
        at: now,
        hook: hookKey(hook),
        event: { ...event },
        browser: from?.browser ?? null,
        requestId: from?.requestId ?? null,
        tries: 1,
        dueAt: now + LEASE,
      })),
  );
  let { account } = given;
  const events = [...given.events];
  for (const planned of calls) {
    const added = addCall(account, planned);
    ({ account } = added);
    if (added.dropped) events.push(droppedCall(added.dropped, 'full'));
  }
  return { account, events, calls };
}

/** Makes a call that this process has taken, and notes in the account how it went. */
export async function call(
  scope: Scope,
  hooks: readonly Webhook[],
  userId: UserId,
  taken: WebhookCall,
  signal: AbortSignal,
): Promise<Counts> {
  const hook = hooks.find((one) => hookKey(one) === taken.hook);
  // While a new list of webhooks is rolled out, another process may know it.
  const failed = hook
    ? await callOnce(hook, userId, taken, scope.now(), signal)
    : ({ kind: 'rejected', retryAfter: null } as const);
  return update<Counts>(scope, userId, (account, now) => {
    const calls = account.calls ?? [];
    const found = calls.find(({ id }) => id === taken.id);
    if (!found) return unchanged(nothing);
    const others = calls.filter((one) => one !== found);
    const notice = found.event.name;
    if (failed === null)
      return {
        account: withCalls(account, others),
        outcome: { ...nothing, sent: 1 },
        events: [{ name: 'notice.sent', notice, channel: 'webhook' }],
      };
    const told: PlannedEvent = { name: 'notice.failed', notice, channel: 'webhook', kind: failed.kind };
    // When it is tried next is only for the last one that took it to say.
    const next = found.tries === taken.tries ? nextTry(found, [failed], now) : found.dueAt;
    if (next === null)
      return {
        account: withCalls(account, others),
        outcome: { ...nothing, dropped: 1 },
        events: [told, droppedCall(found, 'failed')],
      };
    return {
      account: withCalls(account, [...others, { ...found, dueAt: next }]),
      outcome: { ...nothing, retried: 1 },
      events: [told],
    };
  });
}

/** By the Standard Webhooks specification 1.0.0 (https://github.com/standard-webhooks/standard-webhooks). */
function callOnce(hook: Webhook, userId: UserId, taken: WebhookCall, now: number, signal: AbortSignal) {
  const { name, ...details } = taken.event;
  const { browser, requestId } = taken;
  const body = JSON.stringify({
    type: name,
    timestamp: new Date(taken.at).toISOString(),
    data: { userId, ...details, browser, requestId },
  });
  // Neither id nor timestamp holds a full stop, so there is one way to read what was signed.
  const [id, timestamp] = [`msg_${taken.id}`, Math.floor(now / 1000)];
  const signatures = hook.secrets.map(
    (secret) => `v1,${createHmac('sha256', secret).update(`${id}.${timestamp}.${body}`).digest('base64')}`,
  );
  const headers = {
    'content-type': 'application/json',
    'user-agent': 'express-second-factor',
    'webhook-id': id,
    'webhook-timestamp': timestamp,
    'webhook-signature': signatures.join(' '),
  };
  return post({ url: hook.url, headers, body, allowPrivate: hook.allowPrivate, timeout: PATIENCE, signal });
}

export const droppedCall = ({ event }: WebhookCall, reason: 'failed' | 'full'): PlannedEvent => ({
  name: 'notice.dropped',
  notice: event.name,
  reason,
});
