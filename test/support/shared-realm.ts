import type { JestEnvironment } from '@jest/environment';
import { ModernFakeTimers } from '@jest/fake-timers';
import type { Config } from '@jest/types';
import { ModuleMocker } from 'jest-mock';

type Global = JestEnvironment['global'];

/** What Jest's own modules take from here rather than from what a test may have replaced. */
const NATIVE = { 'jest-native-now': Date.now, 'jest-native-promise': Promise };

/**
 * The realm of the worker itself, in which each test file finds and leaves the globals and environment variables that
 * the worker began with. Modules can be shared (`kept-modules`), and there is one `Error` and one `Object` for them and
 * the tests, as there is in an app.
 */
export class SharedRealm {
  readonly global = globalThis as unknown as Global;
  readonly moduleMocker = new ModuleMocker(globalThis);
  readonly fakeTimers = null;
  readonly fakeTimersModern: ModernFakeTimers;
  private readonly before: Readonly<Record<string | symbol, PropertyDescriptor>>;
  private readonly variables = { ...process.env };
  private readonly exit = process.exit;

  constructor(config: Config.ProjectConfig) {
    for (const [name, value] of Object.entries(NATIVE)) Reflect.set(globalThis, Symbol.for(name), value);
    Error.stackTraceLimit = 100;
    this.before = Object.getOwnPropertyDescriptors(globalThis);
    this.fakeTimersModern = new ModernFakeTimers({ config, global: globalThis });
  }

  readonly exportConditions = (): string[] => ['node', 'node-addons'];
  readonly getVmContext = (): Global => this.global;

  async setup(): Promise<void> {
    // Nothing to wait for.
  }

  async teardown(): Promise<void> {
    this.fakeTimersModern.dispose();
    for (const key of Reflect.ownKeys(globalThis)) this.restore(key);
    process.exit = this.exit;
    for (const name of Object.keys(process.env))
      if (!(name in this.variables)) Reflect.deleteProperty(process.env, name);
    Object.assign(process.env, this.variables);
  }

  private restore(key: string | symbol): void {
    const before = Object.hasOwn(this.before, key) ? this.before[key] : undefined;
    if (!before) Reflect.deleteProperty(globalThis, key);
    else if (before.configurable) Object.defineProperty(globalThis, key, before);
  }
}
