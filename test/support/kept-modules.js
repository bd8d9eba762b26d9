'use strict';

const { join, sep } = require('node:path');
const { default: Runtime } = require('jest-runtime');

const KEPT = ['lib', 'strategies', 'views', 'node_modules'].map((room) =>
  join(__dirname, '../..', room, sep),
);

/** Loads what is kept, and is never torn down. @type {Runtime | undefined} */
let keeper;

/**
 * Jest loads every module again for each test file, and V8 learns anew which of its functions are hot. Here the files of
 * a worker share the package and its dependencies, as the apps of a process do. Tests and their helpers are loaded for
 * each file as usual.
 */
class KeepingRuntime extends Runtime {
  constructor(...args) {
    super(...args);
    const [, environment] = args;
    this.isKeeping = environment.keepsModules;
    this.mapsKnown = 0;
    if (this.isKeeping) keeper ??= new Runtime(...args);
  }

  requireModuleOrMock(from, name) {
    return this.isKept(from, name)
      ? this.ofKeeper((runtime) => runtime.requireModuleOrMock(from, name))
      : super.requireModuleOrMock(from, name);
  }

  requireActual(from, name) {
    return this.isKept(from, name)
      ? this.ofKeeper((runtime) => runtime.requireActual(from, name))
      : super.requireActual(from, name);
  }

  setMock(...args) {
    if (this.isKeeping)
      throw new Error('a file that shares its modules cannot mock one (test/support/projects.js)');
    super.setMock(...args);
  }

  isKept(from, name) {
    if (!this.isKeeping || PARTS_OF_JEST.has(name) || this._resolution.isCoreModule(name)) return false;
    const path = this.pathOf(from, name);
    return KEPT.some((room) => path.startsWith(room));
  }

  /** Empty for a module that does not exist: the usual way says so in the usual words. */
  pathOf(from, name) {
    try {
      return this._resolution.resolveCjs(from, name);
    } catch {
      return '';
    }
  }

  /** Stack traces are read with the source maps of this runtime. */
  ofKeeper(load) {
    const loaded = load(keeper);
    const maps = keeper.getSourceMaps();
    if (maps.size > this.mapsKnown) {
      for (const [path, map] of maps) this.getSourceMaps().set(path, map);
      this.mapsKnown = maps.size;
    }
    return loaded;
  }
}

/** They belong to the file that is running. */
const PARTS_OF_JEST = new Set(['@jest/globals', '@jest/expect', 'expect']);

exports.__esModule = true;
exports.default = KeepingRuntime;
