import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { randomBytes } from 'node:crypto';
import { MemoryStore } from 'express-session';
import { createApp } from '../../../example-app/app';
import { scryptPasswords } from '../../../example-app/passwords';
import { readSettings } from '../../../example-app/settings';
import { openStores } from '../../../example-app/open-stores';
import { memoryUsers, type NewUser } from '../../../example-app/users';
import { newBackupCodes } from '../../../lib/account/backup-codes';
import { toUserId } from '../../../lib/account/user-id';
import { toBase32 } from '../../../lib/crypto/base32';
import { createFormTokens } from '../../../lib/crypto/digest';
import { createKeyRing } from '../../../lib/crypto/key-ring';
import { createSeal } from '../../../lib/crypto/seal';
import { makeBackupCodes, sealBackupCode } from '../../../lib/factors/backup-code';
import { factorId } from '../../account/an-account';
import { asFactor } from '../../factors/key-ceremony';
import { WireBrowser } from '../../support/browser-on-wire';
import { fakeClock } from '../../support/clock';
import { letIn, ticketId, ticketUrl } from '../../support/let-in';
import { signing } from '../../support/signing';
import { softKey, type SoftKey } from '../../support/soft-key';
import { snapshot } from './snapshot';

const KEY = '5e'.repeat(32);
const PASSWORD = 'correct horse battery staple';

export interface Somebody {
  readonly id: string;
  readonly username: string;
  readonly password: string;
  /** Empty without a second factor. */
  readonly seed: string;
  readonly factorId: string;
  readonly backupCode: string;
  /** The security key, where people have one beside their app. */
  readonly key: { readonly soft: SoftKey; readonly factorId: string } | null;
}

/**
 * The example app in this process, on memory, with a clock that stands still.
 *
 * @param haveKeys whoever has a second factor has a security key too
 */
export async function openWorld(haveKeys: boolean) {
  const clock = fakeClock();
  jest.spyOn(Date, 'now').mockImplementation(clock.now);
  const settings = readSettings({
    NODE_ENV: 'test',
    SCRYPT_COST: '1',
    TWO_FACTOR_KEY: KEY,
    NEW_BROWSER: 'notice',
  });
  const people = new Map<string, NewUser>();
  const sessions = new MemoryStore() as MemoryStore & { sessions: Record<string, string> };
  const stores = { ...(await openStores(settings)), users: memoryUsers(people), sessions };
  const { app, twoFactor } = createApp(settings, stores);
  const server = createServer(app);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;

  const ring = createKeyRing([KEY]);
  const seal = createSeal(ring);
  const tokens = createFormTokens(ring);
  const passwordHash = await scryptPasswords(1).hash(PASSWORD);

  async function somebody(hasFactor: boolean): Promise<Somebody> {
    const username = `n${randomBytes(6).toString('hex')}`;
    const id = `user-${username}`;
    people.set(id, {
      id,
      username,
      email: `${username}@example.com`,
      phone: null,
      role: 'customer',
      customer: null,
      passwordHash,
    });
    const bare = { id, username, password: PASSWORD, seed: '', factorId: '', backupCode: '', key: null };
    return hasFactor ? { ...bare, ...(await giveFactor(id)) } : bare;
  }

  /** A key of nobody's, at the address of the app. */
  const freshKey = (): SoftKey =>
    softKey(-7, randomBytes(32), Buffer.alloc(16), {
      rpId: new URL(settings.origin).hostname,
      origin: settings.origin,
    });

  const accounts = signing(stores.accounts, [KEY]);
  async function giveFactor(id: string): Promise<Pick<Somebody, 'seed' | 'factorId' | 'backupCode' | 'key'>> {
    const seed = toBase32(randomBytes(20));
    const imported = await twoFactor.importFactor(id, { type: 'totp', secret: seed, label: 'Phone' });
    const account = await accounts.load(toUserId(id));
    if (!imported.ok || !account) throw new Error('the factor was not imported');
    const codes = makeBackupCodes().slice(0, 2);
    const backupCodes = newBackupCodes(
      codes.map((code) => sealBackupCode(account.userId, code, seal)),
      clock.now(),
    );
    const given = { seed, factorId: imported.factorId, backupCode: codes[0] ?? '' };
    if (!haveKeys) {
      await accounts.save({ ...account, backupCodes }, account.rev);
      return { ...given, key: null };
    }
    const soft = freshKey();
    const factor = asFactor(soft, { id: factorId(soft.id), rpId: new URL(settings.origin).hostname });
    const factors = [...account.factors, factor];
    const handle = randomBytes(64).toString('base64url');
    await accounts.save({ ...account, backupCodes, factors, handle }, account.rev);
    return { ...given, key: { soft, factorId: factor.id } };
  }

  return {
    url: `http://127.0.0.1:${port}`,
    clock,
    people,
    sessions,
    pending: stores.pending,
    twoFactor,
    somebody,
    freshKey,
    /** A request for access of theirs was approved and has waited. @returns where its link leads */
    letIn: async (id: string): Promise<string> => {
      await letIn(stores.accounts, id, clock.now(), {}, KEY);
      return ticketUrl(id, ticketId, KEY);
    },
    /** Keeps everything as it is now: people, their accounts and sessions, the time. @returns puts it back */
    keep: () => {
      const restore = snapshot(people, stores.accounts, stores.pending);
      const heldSessions = { ...sessions.sessions };
      const time = clock.now();
      return () => {
        restore();
        sessions.sessions = { ...heldSessions };
        clock.set(time);
      };
    },
    browser: () => new WireBrowser(settings.origin),
    /** What a page shown in this session would carry. */
    formToken: (sessionId: string) => tokens.of(sessionId),
    close: async () => {
      await new Promise((resolve) => server.close(resolve));
      await twoFactor.close();
      jest.restoreAllMocks();
    },
  };
}

export type World = Awaited<ReturnType<typeof openWorld>>;
