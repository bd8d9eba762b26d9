import { randomBytes } from 'node:crypto';
import { scryptPasswords } from '../../example-app/passwords';
import { toUser, type User, type Users } from '../../example-app/users';
import type { ImportedFactor, SecondFactor } from '../../lib';
import { toBase32 } from '../../lib/crypto/base32';
import { stepAt } from '../../lib/crypto/otp';
import { codeAt } from '../support/browser-agent';
import type { Seen } from './seen';

const STEP = 30_000;
/** How long a code that is about to end may be on its way. */
const MARGIN = 10_000;

/** A user of the app and what only that user knows. */
export class Person {
  /** Of the authenticator app; empty while there is none. */
  seed = '';
  backupCodes: string[] = [];
  private lastStep = 0;

  constructor(
    readonly user: User,
    readonly password: string,
  ) {}

  get login(): { username: string; password: string } {
    return { username: this.user.username, password: this.password };
  }

  /** A code that was not typed before: a window of three time steps is right at any moment. */
  async nextCode(): Promise<string> {
    const step = Math.max(this.lastStep + 1, stepAt(Date.now() + MARGIN) - 1);
    const tooEarly = (step - 1) * STEP - Date.now();
    if (tooEarly > 0) await new Promise((resolve) => setTimeout(resolve, tooEarly + 50));
    this.lastStep = step;
    return codeAt(this.seed, step * STEP);
  }

  /** Six digits that are no code of these minutes, not even of a clock that is behind. */
  wrongCode(salt = 0): string {
    const right = new Set(
      Array.from({ length: 60 }, (_, at) => codeAt(this.seed, Date.now() + (at - 40) * STEP)),
    );
    for (let guess = 100_000 + ((salt * 7919) % 800_000); ; guess += 1) {
      if (!right.has(String(guess))) return String(guess);
    }
  }
}

/** Makes users as the app stores them, all on one cheap hash; their ids and names are nobody else's. */
export async function peopleOf(users: Users, twoFactor: SecondFactor<User>, seen: Seen) {
  const passwords = scryptPasswords(4);

  async function add(): Promise<Person> {
    const name = `p${randomBytes(6).toString('hex')}`;
    const password = `pass ${randomBytes(9).toString('base64url')}`;
    const user = toUser({
      id: `user-${name}`,
      username: name,
      email: `${name}@example.com`,
      phone: null,
      role: 'customer',
      customer: null,
    });
    const person = new Person(user, password);
    seen.note('password', password);
    await restore(person);
    return person;
  }

  /** Puts a user back whose store was wiped. */
  async function restore({ user, password }: Person): Promise<void> {
    await users.add({ ...user, passwordHash: await passwords.hash(password) });
  }

  /** Somebody with an authenticator app from an older system, and so without backup codes. */
  async function withApp(): Promise<Person> {
    const person = await add();
    await giveApp(person);
    return person;
  }

  async function giveApp(person: Person, label = 'App'): Promise<void> {
    person.seed = toBase32(randomBytes(20));
    seen.note('seed', person.seed);
    await give(person, { type: 'totp', secret: person.seed, label });
  }

  /** Somebody who gets codes, at a phone or in a mailbox that was proven elsewhere. */
  async function withAddress(type: 'otp-sms' | 'otp-email', address: string): Promise<Person> {
    const person = await add();
    seen.note('address', address);
    await give(person, { type, address, label: 'Mine' });
    return person;
  }

  async function give({ user }: Person, factor: ImportedFactor): Promise<void> {
    const imported = await twoFactor.importFactor(user.id, factor);
    if (!imported.ok) throw new Error(`importFactor: ${imported.code}`);
  }

  return { add, restore, withApp, withAddress, giveApp };
}

export type People = Awaited<ReturnType<typeof peopleOf>>;
