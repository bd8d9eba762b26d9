#!/usr/bin/env node
import { resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { run } from './run';

const done = run(process.argv.slice(2), {
  env: process.env,
  out: process.stdout,
  err: process.stderr,
  load: (path) => import(pathToFileURL(resolve(path)).href),
});

// Once all is written. What a config module has open must not keep it from ending.
void done.then((code) => process.stdout.write('', () => process.exit(code)));
