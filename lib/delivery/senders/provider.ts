import { bad } from '../../options/checks';

/**
 * A provider's package is an optional peer in any version, so that none ever stands in the way of `npm install`. What
 * is there is looked at when a sender is made of it.
 */
export function provider<Loaded>(name: string, load: () => Loaded): Loaded {
  try {
    return load();
  } catch (error) {
    if (String(error).includes(`'${name}'`)) throw missing(name);
    throw error;
  }
}

const missing = (name: string) =>
  bad(`${name} is not installed, or not in what was bundled.`, `Run npm i ${name} in your app.`);

/** @param version as the package tells it; one that does not tell is taken */
export function requireMajor(name: string, version: unknown, least: number): void {
  const major = Number(/\d+/.exec(String(version))?.[0] ?? least);
  if (major >= least) return;
  throw bad(`${name} ${major} is too old: ${least} is needed, or newer.`, `Run npm i ${name}@latest.`);
}
