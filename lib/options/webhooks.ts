import type { EventName } from '../events';
import { webhookEvents } from '../notices/rules';
import type { Webhook } from '../notices/webhooks';
import { bad, flag, isObject, listOf, nearest, refuseUnknown, textOf } from './checks';
import type { WebhookOptions } from './options';
import { cureOf } from './table';
import { isLoopback } from './texts';

/** Bytes: the Standard Webhooks specification asks for 24 to 64. */
const [SHORTEST, LONGEST] = [24, 64];

const names = [
  'url',
  'secret',
  'events',
  'allowPrivate',
] as const satisfies readonly (keyof WebhookOptions)[];

export function resolveWebhooks(given: unknown = []): Webhook[] {
  if (!Array.isArray(given)) throw bad('webhooks is not a list.', cureOf('webhooks'));
  const hooks = (given as readonly unknown[]).map((one, at) => webhook(`webhooks[${at}]`, one));
  const twice = hooks.find(({ url }, at) => hooks.findIndex((other) => other.url.href === url.href) !== at);
  if (twice) throw bad('webhooks lists the same url twice.', 'Put the events of both into one.');
  return hooks;
}

function webhook(option: string, given: unknown): Webhook {
  if (!isObject(given)) throw bad(`${option} is not an object.`, cureOf('webhooks'));
  refuseUnknown(`${option}.`, given, names);
  const { url, secret, events, allowPrivate = false } = given as Record<(typeof names)[number], unknown>;
  const isPrivate = flag(`${option}.allowPrivate`, allowPrivate);
  return {
    url: address(`${option}.url`, url, isPrivate),
    secrets: secrets(`${option}.secret`, secret),
    events: eventsOf(`${option}.events`, events),
    allowPrivate: isPrivate,
  };
}

/** Over plain HTTP anyone on the way could read what happens to whom. */
function address(option: string, given: unknown, allowPrivate: boolean): URL {
  const text = textOf(option, given);
  const url = URL.canParse(text) ? new URL(text) : null;
  const isLocal = url !== null && isLoopback(url) && allowPrivate;
  const isSafe = url?.protocol === 'https:' || (url?.protocol === 'http:' && isLocal);
  if (url && isSafe && !url.username && !url.password && !url.hash) return url;
  throw bad(`${option} is not an address that can be called.`, cureOf('webhooks'));
}

function secrets(option: string, given: unknown): Buffer[] {
  const all: readonly unknown[] = Array.isArray(given) ? given : [given];
  if (all.length === 0) throw bad(`${option} is an empty list.`, cureOf('webhooks'));
  return all.map((one) => {
    const [, base64 = ''] = /^whsec_([A-Za-z\d+/]+={0,2})$/.exec(textOf(option, one)) ?? [];
    const bytes = Buffer.from(base64, 'base64');
    if (bytes.length >= SHORTEST && bytes.length <= LONGEST) return bytes;
    throw bad(
      `${option} is no secret of a webhook.`,
      'Give whsec_ and 24 to 64 random bytes in base64: echo "whsec_$(openssl rand -base64 32)"',
    );
  });
}

function eventsOf(option: string, given: unknown): EventName[] {
  const all = listOf(option, given, 'event name');
  if (all.length === 0) throw bad(`${option} is empty.`, cureOf('webhooks'));
  return all.map((name) => {
    const found = webhookEvents.find((one) => one === name);
    if (found) return found;
    throw bad(
      `${option}: no webhook is told of ${name}.`,
      `Did you mean ${nearest(name, webhookEvents)}? It can be told of: ${webhookEvents.join(', ')}.`,
    );
  });
}
