import type { EventEmitter } from 'node:events';

/**
 * One line when a store is lost and one when it is back, however often its driver tries in between.
 *
 * @returns a function that ends it, to call before closing the connection on purpose
 */
export function watchConnection(
  store: string,
  connection: EventEmitter,
  events: { readonly lost: string; readonly back: string },
): () => void {
  let isLost = false;
  const onLost = (): void => {
    if (!isLost) console.error(`${store} is lost; answering 503 where it is needed`);
    isLost = true;
  };
  const onBack = (): void => {
    if (isLost) console.error(`${store} is back`);
    isLost = false;
  };
  connection.on(events.lost, onLost).on(events.back, onBack);
  return () => void connection.off(events.lost, onLost).off(events.back, onBack);
}
