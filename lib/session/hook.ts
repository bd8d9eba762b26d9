import { SecondFactorError } from '../errors';

type Hook = (...given: never[]) => unknown;

/**
 * A hook of the app that is called from within our pages. What the app mounts below `protect()` has not run by then, so
 * a `req.flash` that exists in the app's login route may be missing in its hook, and only for users who owe a factor.
 *
 * @param option its name, for errors
 */
export function asHook<Of extends Hook>(option: string, hook: Of): Of {
  const called: Hook = (...given) => {
    const fail = (error: unknown): never => {
      throw tooLow(option, given, error) ?? error;
    };
    try {
      const result = hook(...given);
      return result instanceof Promise ? result.catch(fail) : result;
    } catch (error) {
      return fail(error);
    }
  };
  return called as Of;
}

function tooLow(option: string, given: readonly unknown[], error: unknown): SecondFactorError | null {
  const [, name] = /^TypeError: req(?:uest)?\.(\w+) is not a function/.exec(String(error)) ?? [];
  if (name === undefined || given.some((one) => has(one, name))) return null;
  return new SecondFactorError(
    'wrong_setup',
    `${option} calls req.${name}(), which is not there yet.`,
    `Mount the middleware that sets req.${name} above protect(): logins are completed and our pages are rendered inside it.`,
  );
}

const has = (one: unknown, name: string): boolean => typeof one === 'object' && one !== null && name in one;
