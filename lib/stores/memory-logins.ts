import type { Login, LoginKey, UserKey } from './contracts';
import { ExpiringMap } from './expiring-map';
import { readComplete, readNote, readRecord, writeNote, writeRecord } from './login-record';
import { MOST_LOGINS, NOTE_LIFE, wholeMs } from './pending-rules';

/** The login records, and which of them are whose. */
export class MemoryLogins {
  /** As text, like in Redis: what is read is a copy, and the same copy that Redis would give. */
  private readonly records: ExpiringMap<LoginKey, string>;
  private readonly loginsOf: ExpiringMap<UserKey, ReadonlyMap<LoginKey, number>>;

  constructor(
    now: () => number,
    private readonly loginLife: number,
  ) {
    this.records = new ExpiringMap(now);
    this.loginsOf = new ExpiringMap(now);
  }

  read(key: LoginKey, slideTo: number | null): Login | null {
    if (slideTo !== null) this.records.slide(key, wholeMs(slideTo));
    return readRecord(this.records.get(key));
  }

  /** @returns whether the record it replaces was there */
  write(key: LoginKey, login: Login, user: UserKey, life: number, replaces: LoginKey | null): boolean {
    const wasThere = replaces !== null && replaces !== key && this.has(replaces);
    if (wasThere) this.records.set(replaces, writeNote(key), NOTE_LIFE);
    this.records.set(key, writeRecord(login), life);
    if (login.state !== 'owed') this.name(user, key, login.since, life);
    return wasThere;
  }

  has(key: LoginKey): boolean {
    const text = this.records.get(key);
    return text !== null && readNote(text) === null;
  }

  /** @returns whether it was there, or what replaced it */
  remove(key: LoginKey): boolean {
    const next = readNote(this.records.get(key));
    const wasThere = this.records.delete(key);
    return next === null ? wasThere : this.remove(next);
  }

  list(user: UserKey): { key: LoginKey; login: Login }[] {
    return this.living(user).flatMap(([key]) => {
      const login = readComplete(this.records.get(key));
      return login === null ? [] : [{ key, login }];
    });
  }

  private name(user: UserKey, key: LoginKey, since: number, life: number): void {
    const others = this.living(user).filter(([other]) => other !== key);
    const tooMany = others.splice(0, Math.max(0, others.length + 1 - MOST_LOGINS));
    for (const [oldest] of tooMany) this.records.delete(oldest);
    this.loginsOf.set(user, new Map([...others, [key, since]]), Math.max(life, this.loginLife));
  }

  /** Those of the listed logins that are still alive, oldest first. */
  private living(user: UserKey): [LoginKey, number][] {
    const listed = [...(this.loginsOf.get(user) ?? [])];
    return listed.filter(([key]) => this.has(key)).toSorted(([, one], [, other]) => one - other);
  }
}
