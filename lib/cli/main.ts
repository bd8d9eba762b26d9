#!/usr/bin/env node
import { readFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { run } from './run';

const done = run(process.argv.slice(2), {
  env: process.env,
  out: process.stdout,
  err: process.stderr,
  load: (path) => import(pathToFileURL(resolve(path)).href),
  read: (path) => readFile(resolve(path), 'utf8'),
});

// Once all is written. What a config module has open must not keep it from ending.
void done.then((code) => process.stdout.write('', () => process.exit(code)));
