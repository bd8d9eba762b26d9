/** What somebody may do about other people's accounts; a customer may do nothing. */
export type Role = 'admin' | 'reviewer' | 'auditor' | 'customer';

/** Someone who may sign in. This is what `req.user` holds, so it contains no hash. */
export interface User {
  /** Never changes and is never given to anyone else. */
  readonly id: string;
  readonly username: string;
  readonly email: string;
  /** On file with us, whether or not codes go there. */
  readonly phone: string | null;
  readonly role: Role;
  /** The number of the customer account, which several people may belong to; nobody of the staff does. */
  readonly customer: string | null;
  readonly isAdmin: boolean;
}

export interface StoredUser extends User {
  readonly passwordHash: string;
}

/** What there is to say of a user; name and address are written as `identifierKey` does. */
export type NewUser = Omit<StoredUser, 'isAdmin'>;

export interface Page {
  /** The name of the last user of the page before. */
  readonly after?: string | undefined;
  readonly limit: number;
}

export interface Users {
  findById(id: string): Promise<User | undefined>;
  findByUsername(username: string): Promise<StoredUser | undefined>;
  /** By user name or e-mail address. An address that several people share is nobody's. */
  findByIdentifier(text: string): Promise<User | undefined>;
  /** Whose name or address contains the text, in any case; sorted by name. */
  search(text: string, page: Page): Promise<readonly User[]>;
  /** The other people of the same customer account. */
  peersOf(user: Pick<User, 'id' | 'customer'>): Promise<readonly User[]>;
  /** @returns false if there is such a user already, who is left as is. */
  add(user: NewUser): Promise<boolean>;
  /** Changes a password unless something else just did. */
  replacePassword(id: string, oldHash: string, newHash: string): Promise<boolean>;
}

/** More people than that have no customer account in common. */
export const MOST_PEERS = 50;

/** Case and surrounding spaces don't make another user. */
export const identifierKey = (typed: string): string => typed.normalize('NFKC').trim().toLowerCase();

export function memoryUsers(stored = new Map<string, NewUser>()): Users {
  const where = (isWanted: (user: NewUser) => boolean): User[] =>
    [...stored.values()].filter(isWanted).toSorted(byName).map(toUser);
  return {
    findById: (id) => {
      const found = stored.get(id);
      return Promise.resolve(found && toUser(found));
    },
    findByUsername: (username) => {
      const key = identifierKey(username);
      const found = [...stored.values()].find((user) => user.username === key);
      return Promise.resolve(found && { ...toUser(found), passwordHash: found.passwordHash });
    },
    findByIdentifier: (text) => {
      const key = identifierKey(text);
      const [named] = where(({ username }) => username === key);
      return Promise.resolve(named ?? onlyOne(where(({ email }) => email === key)));
    },
    search: (text, { after = '', limit }) => {
      const part = text.toLowerCase();
      const found = where(
        ({ username, email }) => username > after && [username, email].some((one) => one.includes(part)),
      );
      return Promise.resolve(found.slice(0, limit));
    },
    peersOf: ({ id, customer }) =>
      Promise.resolve(
        customer === null
          ? []
          : where((user) => user.customer === customer && user.id !== id).slice(0, MOST_PEERS),
      ),
    add: (user) => {
      const isNew = !stored.has(user.id);
      if (isNew) stored.set(user.id, user);
      return Promise.resolve(isNew);
    },
    replacePassword: (id, oldHash, newHash) => {
      const user = stored.get(id);
      if (user?.passwordHash !== oldHash) return Promise.resolve(false);
      stored.set(id, { ...user, passwordHash: newHash });
      return Promise.resolve(true);
    },
  };
}

const byName = (one: NewUser, other: NewUser): number => (one.username < other.username ? -1 : 1);

/** Without the hash. */
export const toUser = ({
  id,
  username,
  email,
  phone,
  role,
  customer,
}: Omit<NewUser, 'passwordHash'>): User => ({
  id,
  username,
  email,
  phone,
  role,
  customer,
  isAdmin: role === 'admin',
});

export const onlyOne = <T>(found: readonly T[]): T | undefined => (found.length === 1 ? found[0] : undefined);
