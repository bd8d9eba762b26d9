import { passSignals, startNode } from './child.mjs';
import { setUp } from './setup.mjs';

try {
  await setUp({ forTests: false });
} catch (error) {
  console.error(`npm start: ${error.message}`);
  process.exit(1);
}
const { child, ended } = startNode(['dist/example-app/main.js', ...process.argv.slice(2)]);
passSignals(child);
process.exitCode = await ended;
