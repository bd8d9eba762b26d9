/** Someone who may sign in. This is what `req.user` holds, so it contains no hash. */
export interface User {
  /** Never changes and is never given to anyone else. */
  readonly id: string;
  readonly username: string;
  readonly email: string;
  readonly isAdmin: boolean;
}

export interface StoredUser extends User {
  readonly passwordHash: string;
}

export interface Users {
  findById(id: string): Promise<User | undefined>;
  findByUsername(username: string): Promise<StoredUser | undefined>;
  /** @returns false if there is such a user already, who is left as is. */
  add(user: StoredUser): Promise<boolean>;
  /** Changes a password unless something else just did. */
  replacePassword(id: string, oldHash: string, newHash: string): Promise<boolean>;
}

/** Case and surrounding spaces don't make another user. */
export const usernameKey = (typed: string): string => typed.normalize('NFKC').trim().toLowerCase();

export function memoryUsers(users = new Map<string, StoredUser>()): Users {
  return {
    findById: (id) => Promise.resolve(withoutHash(users.get(id))),
    findByUsername: (username) => {
      const key = usernameKey(username);
      return Promise.resolve([...users.values()].find((user) => user.username === key));
    },
    add: (user) => {
      const isNew = !users.has(user.id);
      if (isNew) users.set(user.id, user);
      return Promise.resolve(isNew);
    },
    replacePassword: (id, oldHash, newHash) => {
      const user = users.get(id);
      if (user?.passwordHash !== oldHash) return Promise.resolve(false);
      users.set(id, { ...user, passwordHash: newHash });
      return Promise.resolve(true);
    },
  };
}

function withoutHash(stored: StoredUser | undefined): User | undefined {
  if (stored === undefined) return undefined;
  const { id, username, email, isAdmin } = stored;
  return { id, username, email, isAdmin };
}
