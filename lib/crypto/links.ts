import type { Sealed, UserId } from '../account/account';
import { SecondFactorError } from '../errors';
import type { Seal } from './seal';

/** What a link is for. One for something else does not open. */
export type LinkPurpose = 'object' | 'status' | 'cancel' | 'ticket';

/** What a link leads to: an entry of an account, which says whether the link still counts. */
export interface LinkTarget {
  readonly userId: UserId;
  readonly id: string;
}

/**
 * The tokens in links that need no session. A token is the account and the entry it leads to, sealed: nobody can make
 * or read one without a key, whoever copies the database finds none, and no store has to look one up. What it may do,
 * how often and until when is the entry's to say.
 */
export function createLinks(seal: Seal) {
  return {
    make: (leadsTo: LinkPurpose, { userId, id }: LinkTarget): string =>
      seal
        .close(padded(JSON.stringify([userId, id])), contextOf(leadsTo))
        .split('.')
        .slice(1)
        .join(''),
    /** Null for whatever this did not make for that, and for what a key made that is no longer in the ring. */
    open(leadsTo: LinkPurpose, token: unknown): LinkTarget | null {
      if (typeof token !== 'string' || token.length > LONGEST || !TOKEN.test(token)) return null;
      const sealed = `1.${token.slice(0, KEY_ID)}.${token.slice(KEY_ID)}` as Sealed;
      try {
        const opened: unknown = JSON.parse(seal.open(sealed, contextOf(leadsTo)).toString());
        const [userId, id] = opened as [UserId, string];
        return { userId, id };
      } catch (error) {
        if (error instanceof SecondFactorError) return null;
        throw error;
      }
    },
  };
}

export type Links = ReturnType<typeof createLinks>;

/** Hex digits that name the key; see `KeyRing`. */
const KEY_ID = 8;
const TOKEN = /^[0-9a-f]{8}[\w-]+$/;
/** Longer ones are not ours, and servers differ in how long a URL they take. */
const LONGEST = 2048;

/** The length of a token must not tell whose it is. JSON ignores spaces at its end. */
const padded = (text: string): Buffer => {
  const bytes = Buffer.from(text);
  return Buffer.concat([bytes, Buffer.alloc((BLOCK - (bytes.length % BLOCK)) % BLOCK, ' ')]);
};
const BLOCK = 96;

const contextOf = (leadsTo: LinkPurpose) => ({ user: '', factor: '', purpose: `link-${leadsTo}` }) as const;
