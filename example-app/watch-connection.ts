import type { EventEmitter } from 'node:events';

/** One line when a store is lost and one when it is back, however often its driver tries in between. */
export function watchConnection(
  store: string,
  connection: EventEmitter,
  events: { readonly lost: string; readonly back: string },
): void {
  let isLost = false;
  connection.on(events.lost, () => {
    if (!isLost) console.error(`${store} is lost; answering 503 where it is needed`);
    isLost = true;
  });
  connection.on(events.back, () => {
    if (isLost) console.error(`${store} is back`);
    isLost = false;
  });
}
