import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { transformSync } from '@swc/core';

/** The app of consumers: a login that owes, and every store. */
export const app = readFileSync(join(__dirname, 'consumer-app.ts'), 'utf8');
/** As it runs without a compiler of its own. */
export const asJavaScript = (type: 'commonjs' | 'es6'): string =>
  transformSync(app, {
    jsc: { parser: { syntax: 'typescript' }, target: 'es2022' },
    module: { type },
  }).code;

/** What it prints. */
export const expected = {
  login: [401, { error: { code: 'second_factor_required', message: expect.any(String), url: '/2fa' } }],
  half: [
    401,
    { error: { code: 'second_factor_required', message: expect.any(String), url: '/2fa?to=%2Fme' } },
  ],
  step: [200, { status: 'passed', url: '/' }],
  me: [200, { user: { id: 'ann' }, status: 'passed' }],
  stores: ['function', 'function'],
  error: 503,
};
