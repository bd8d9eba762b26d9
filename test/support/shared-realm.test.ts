import type { Config } from '@jest/types';
import { SharedRealm } from './shared-realm';

describe('A test file that shares its realm with others', () => {
  it('leaves globals, variables and the way out of the process as it found them', async () => {
    const { fetch, console } = globalThis;
    const { exit, env } = process;
    const { PATH } = env;
    const realm = new SharedRealm({ fakeTimers: {} } as Config.ProjectConfig);
    Object.assign(globalThis, { leftBehind: true, fetch: () => undefined, console: {} });
    process.exit = (() => undefined) as unknown as typeof process.exit;
    Object.assign(process.env, { LEFT_BEHIND: 'yes', PATH: '/nowhere' });
    await realm.teardown();
    expect(globalThis).not.toHaveProperty('leftBehind');
    expect([globalThis.fetch, globalThis.console, process.exit]).toEqual([fetch, console, exit]);
    expect([env.LEFT_BEHIND, env.PATH]).toEqual([undefined, PATH]);
  });

  it('has the errors of the package and of Node in its own realm', async () => {
    await expect(fetch('nonsense')).rejects.toBeInstanceOf(TypeError);
    expect(Object.getPrototypeOf(process.memoryUsage())).toBe(Object.prototype);
  });
});
