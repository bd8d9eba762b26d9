'use strict';

const { testFiles } = require('./test/support/projects');

// What the Vonage SDK pulls in. Node requires modules of this kind since 20.19, Jest does not yet.
const ESM_ONLY = '(?:uuid|node-fetch|fetch-blob|data-uri-to-buffer|formdata-polyfill)';

/** @param {'typescript' | 'ecmascript'} syntax */
const asCommonJs = (syntax) => [
  '@swc/jest',
  { swcrc: false, jsc: { parser: { syntax }, target: 'es2022' }, module: { type: 'commonjs' } },
];

const common = {
  runtime: '<rootDir>/test/support/kept-modules.js',
  testEnvironment: '<rootDir>/test/support/environment.ts',
  modulePathIgnorePatterns: ['<rootDir>/dist', '<rootDir>/\\.dist', '<rootDir>/\\.venv'],
  transform: {
    '\\.ts$': asCommonJs('typescript'),
    [`/node_modules/${ESM_ONLY}/.*\\.js$`]: asCommonJs('ecmascript'),
  },
  transformIgnorePatterns: [`/node_modules/(?!${ESM_ONLY}/)`],
  // The example app imports the package by its name: at run time that is dist, in tests the sources.
  moduleNameMapper: {
    '^express-second-factor$': '<rootDir>/lib/index.ts',
    '^express-second-factor/(mongo|redis|sendgrid|smtp|vonage)$': '<rootDir>/lib/$1.ts',
  },
};

/** Jest runs these once, before and after all projects that have them, if one of their files was asked for. */
const withServers = {
  globalSetup: '<rootDir>/test/support/shared-servers.ts',
  globalTeardown: '<rootDir>/test/support/stop-shared-servers.ts',
};

/** @type {import('jest').Config} */
module.exports = {
  projects: Object.entries(testFiles()).map(([displayName, testMatch]) => ({
    ...common,
    ...(['servers', 'exhaustive'].includes(displayName) && withServers),
    displayName,
    testMatch,
  })),
  // One more than there are cores: much of a test's time is waiting for servers.
  maxWorkers: require('node:os').availableParallelism() + 1,
  testSequencer: '<rootDir>/test/support/sequencer.js',
  testTimeout: 30_000,
  reporters: ['default', '<rootDir>/test/support/reporter.mjs'],
  collectCoverageFrom: ['lib/**/*.ts', 'strategies/**/*.ts'],
};
