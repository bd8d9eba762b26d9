import type { UserId } from '../account/account';
import { SecondFactorError } from '../errors';
import type { Site } from './host';

const shown = 8;

/**
 * What people know the user by. An app may have nothing there for some of them: then it is their id in short, which
 * tells them at least that it is another one.
 *
 * @throws SecondFactorError `bad_option` for what is neither text nor nothing
 */
export function userName(site: Site, user: unknown, userId: UserId): string {
  const name: unknown = site.options.users.name(user);
  if (typeof name === 'string' && name.trim() !== '') return name;
  if (typeof name !== 'string' && name !== undefined && name !== null) throw badName(name);
  const letters = [...userId];
  return letters.length > shown ? `${letters.slice(0, shown).join('')}…` : userId;
}

const badName = (name: unknown): SecondFactorError => {
  const isPromise = typeof name === 'object' && name !== null && 'then' in name;
  return new SecondFactorError(
    'bad_option',
    `users.name gave ${isPromise ? 'a promise' : `something of type ${typeof name}`} in the place of a name.`,
    isPromise
      ? 'It is called while a page is made, and can wait for nothing. Load the name with the user, in deserializeUser.'
      : 'Return text, such as the e-mail address: String(user.number). For a user without a name return nothing.',
  );
};
