import { SecondFactorError } from '../errors';
import { sitePath } from '../session/address';
import { asHook } from '../session/hook';
import type { Brand } from '../session/runtime';
import { bad, requireGroup } from './checks';
import type { BrandOptions } from './options';
import { cureOf } from './table';
import { take } from './take';

/** The app's look: addresses that our Content-Security-Policy lets load, and functions whose errors name the option. */
export function resolveBrand(given: BrandOptions | undefined, origin: URL): Brand {
  requireGroup('brand', given);
  return {
    logo: loadable('brand.logo', given?.logo, origin),
    css: take('brand.css', given?.css) ?? null,
    stylesheet: loadable('brand.stylesheet', given?.stylesheet, origin),
    accountUrl: take('brand.accountUrl', given?.accountUrl) ?? null,
    signOutUrl: take('brand.signOutUrl', given?.signOutUrl) ?? null,
    ...(given?.header && { header: textOnly(asHook('brand.header', given.header.bind(given))) }),
    ...(given?.theme && { theme: asHook('brand.theme', given.theme.bind(given)) }),
  };
}

/** A path, which may have a query, or a whole address of the app's own origin. */
function loadable(option: 'brand.logo' | 'brand.stylesheet', value: unknown, origin: URL): string | null {
  if (value === undefined) return null;
  if (typeof value === 'string' && value.startsWith('/')) {
    const path = sitePath(value, origin);
    if (path !== null) return path;
  } else if (typeof value === 'string' && URL.canParse(value)) {
    const url = new URL(value);
    if (url.origin === origin.origin) return url.href;
  }
  throw bad(`${option} is not an address at ${origin.origin}.`, cureOf(option));
}

const textOnly =
  (header: NonNullable<BrandOptions['header']>): NonNullable<BrandOptions['header']> =>
  (req) => {
    const html: unknown = header(req);
    if (typeof html === 'string') return html;
    throw new SecondFactorError(
      'wrong_setup',
      'brand.header gave no text.',
      'Return the HTML as text, not a promise of it: render it with a template that is already compiled.',
    );
  };
