import type { SessionData, Store } from 'express-session';
import { loginKeyOf, userKeyOf } from '../../lib/crypto/digest';
import type { Login, UserId } from '../../lib';
import type { Host } from '../hosts/host';

interface Stored extends SessionData {
  secondFactor?: 1;
  passport?: { user?: string };
}

/** The session id in a `connect.sid` cookie. */
export const sidOf = (cookie: string | undefined): string =>
  /^connect\.sid=s%3A([^.]+)\./.exec(cookie ?? '')?.[1] ?? '';

export const readSession = (store: Store, sid: string): Promise<Stored | null> =>
  new Promise((resolve, reject) => {
    store.get(sid, (error, session) => (error ? reject(error as Error) : resolve(session ?? null)));
  });

/** Changes what the store holds, behind everybody's back: as a plain JSON value, which carries no request. */
export async function editSession(store: Store, sid: string, edit: (session: Stored) => void): Promise<void> {
  const session = await readSession(store, sid);
  if (!session) throw new Error('there is no such session');
  edit(session);
  const plain = JSON.parse(JSON.stringify(session)) as Stored;
  await new Promise<void>((resolve, reject) => {
    store.set(sid, plain, (error) => (error ? reject(error as Error) : resolve()));
  });
}

/** The login records of a host, read and changed from outside. */
export const records = ({ options: { pending } }: Host) => ({
  read: async (sid: string): Promise<Login | null> => await pending.logins.read(loginKeyOf(sid), null),
  remove: (sid: string) => pending.logins.remove(loginKeyOf(sid)),
  async change(sid: string, change: Partial<Login>): Promise<void> {
    const key = loginKeyOf(sid);
    const login = await pending.logins.read(key, null);
    if (!login) throw new Error('there is no such record');
    await pending.logins.write(key, { ...login, ...change }, userKeyOf(login.userId), 3_600_000, null);
  },
  epoch: (userId: string) => pending.epochs.read(userKeyOf(userId as UserId)),
});
