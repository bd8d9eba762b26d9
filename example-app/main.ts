import { createServer } from 'node:http';
import { announcement } from './announce';
import { createApp } from './app';
import { addDemoUsers } from './demo-users';
import { inWords, stackOf, StartError, StoreUnavailable } from './errors';
import { listen } from './listen';
import { openSenders } from './senders';
import { readSettings } from './settings';
import { stopOnSignals } from './stop-on-signals';
import { openStores } from './open-stores';

async function main(): Promise<void> {
  const settings = readSettings();
  const stores = await openStores(settings);
  const senders = await openSenders(settings, stores);
  const { app, twoFactor, passwords } = createApp(settings, stores, senders);
  const server = createServer(app);
  const ticking = setInterval(() => void twoFactor.tick().catch(reportTick), A_MINUTE).unref();
  stopOnSignals(server, async () => {
    clearInterval(ticking);
    await twoFactor.close();
    await stores.close();
  });
  await addDemoUsers(stores.users, passwords, twoFactor, settings);
  console.log(announcement(settings, senders));
  await listen(server, settings.port);
  console.log('WebAdmin is ready; press Ctrl+C to stop it');
}

const A_MINUTE = 60_000;

/** It is tried again in a minute. */
const reportTick = (error: unknown): void => console.error('What is due could not be done:', inWords(error));

process.on('unhandledRejection', (reason) => {
  console.error('Unhandled promise rejection:', stackOf(reason));
});
process.on('uncaughtException', (error) => {
  console.error('WebAdmin is stopping because of an uncaught error:', stackOf(error));
  process.exit(1);
});

main().catch((error: unknown) => {
  const isPlain = error instanceof StartError || error instanceof StoreUnavailable;
  console.error(isPlain ? `WebAdmin can't start. ${error.message}` : stackOf(error));
  process.exit(1);
});
