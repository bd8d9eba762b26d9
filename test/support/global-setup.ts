import { missingOf } from './needs';
import { startShared, stopShared } from './shared-servers';

/** Runs once before all test files, so that `npx jest FILE` has the same servers as `npm test`. */
export default async function globalSetup(): Promise<void> {
  await startShared();
  const missing = missingOf();
  if (process.env.CI !== 'true' || missing.length === 0) return;
  await stopShared();
  throw new Error(`with CI=true nothing may be missing, and these are: ${missing.join(', ')}`);
}
