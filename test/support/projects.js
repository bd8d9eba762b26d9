'use strict';

const { existsSync, readFileSync, readdirSync, statSync } = require('node:fs');
const { dirname, join } = require('node:path');

const TESTS = join(__dirname, '..');

/** What a test needs follows from what it loads, directly or through its helpers: the first match decides. */
const NEEDS = /** @type {const} */ ([
  ['browser', ['playwright-core']],
  ['servers', ['node:child_process']],
  ['app', ['express', 'express4', 'node:http', 'node:net', 'smtp-server', 'supertest']],
]);

/** Files that load this run some of their cases in their own project, and the rest in `exhaustive`. */
const ALSO_IN_ALL_WAYS = join(__dirname, 'exhaustive.ts');

/**
 * The Jest projects of a test file. Nobody has to name them, so nobody can forget to.
 *
 * @param {string} file
 * @returns {string[]}
 */
function projectsOf(file) {
  const loaded = loadedBy(file);
  const own = NEEDS.find(([, needed]) => needed.some((name) => loaded.has(name)))?.[0] ?? 'unit';
  return loaded.has(ALSO_IN_ALL_WAYS) ? [own, 'exhaustive'] : [own];
}

/** @returns {Record<'unit' | 'app' | 'servers' | 'browser' | 'exhaustive', string[]>} */
function testFiles() {
  const files = { unit: [], app: [], servers: [], browser: [], exhaustive: [] };
  for (const name of readdirSync(TESTS, { recursive: true })) {
    if (!name.endsWith('.test.ts')) continue;
    for (const project of projectsOf(join(TESTS, name))) files[project].push(join(TESTS, name));
  }
  return files;
}

/** What replaces modules or timers, or time and chance for a race, must not do so for other files or be disturbed by them. */
const REPLACES = /\bjest\.(?:mock|doMock|setMock|useFakeTimers)\(/;
const ALSO_REPLACES = join(TESTS, 'races/world/determined.ts');

/**
 * Whether a test file has a realm and modules of its own, rather than those of its worker (`kept-modules`).
 *
 * @param {string} file
 * @returns {boolean}
 */
function isAlone(file) {
  const own = [file, ...loadedBy(file)].filter((name) => name.startsWith(TESTS) && existsSync(name));
  return own.some((name) => name === ALSO_REPLACES || REPLACES.test(readFileSync(name, 'utf8')));
}

/**
 * How much a test file has in it, with the helpers that it loads: some are but a list of those.
 *
 * @param {string} file
 * @returns {number} bytes
 */
function weightOf(file) {
  const own = [file, ...loadedBy(file)].filter((name) => name.startsWith(TESTS) && existsSync(name));
  return own.reduce((sum, name) => sum + statSync(name).size, 0);
}

/** The packages and test files that a test file loads, directly or indirectly. */
function loadedBy(file, loaded = new Set()) {
  for (const name of importsOf(file)) {
    const found = name.startsWith('.') ? sourceOf(join(dirname(file), name)) : name;
    if (loaded.has(found)) continue;
    loaded.add(found);
    loadedBy(found, loaded);
  }
  return loaded;
}

const IMPORT =
  /^(?:import|export)\s+(?!type\b)(?:[^'";]*?\sfrom\s+)?'([^']+)'|\b(?:import|require)\('([^']+)'\)/gm;
/** @type {Map<string, string[]>} */
const known = new Map();

function importsOf(file) {
  if (!file.startsWith(TESTS) || !existsSync(file)) return [];
  const names =
    known.get(file) ?? [...readFileSync(file, 'utf8').matchAll(IMPORT)].map((found) => found[1] ?? found[2]);
  known.set(file, names);
  return names;
}

const sourceOf = (path) => [`${path}.ts`, join(path, 'index.ts')].find(existsSync) ?? path;

module.exports = { isAlone, projectsOf, testFiles, weightOf };
