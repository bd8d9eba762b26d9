import { readRecord, withLastAt, writeRecord } from '../../lib/stores/pending/login-record';
import { aLogin } from '../contracts/pending.contract';

const changed = (change: object): string => JSON.stringify({ ...aLogin(), ...change });

const waiting = {
  proof: { type: 'totp', factorId: null, at: 1 },
  issuedAt: 1,
  sentTo: ['a•••@e•••.com'],
  to: '/billing',
};

describe('the text of a login record', () => {
  it('holds what was written', () => {
    expect(readRecord(writeRecord(aLogin()))).toEqual(aLogin());
    expect(readRecord(null)).toBeNull();
  });

  it.each([
    ['nothing', ''],
    ['no JSON', '{"userId":'],
    ['null', 'null'],
    ['a number', '7'],
    ['a list', '[]'],
    ['an empty object', '{}'],
    ['no user', changed({ userId: undefined })],
    ['an empty user', changed({ userId: '' })],
    ['a user that is an object', changed({ userId: { $ne: null } })],
    ['an unknown state', changed({ state: 'admin' })],
    ['an epoch that is text', changed({ epoch: '1700000000000' })],
    ['no epoch', changed({ epoch: null })],
    ['an epoch below 0', changed({ epoch: -1 })],
    ['no login id', changed({ loginId: 7 })],
    ['proofs that are no list', changed({ proofs: 'totp' })],
    [
      'a proof of a type that is no name',
      changed({ proofs: [{ type: '__proto__', factorId: null, at: 1 }] }),
    ],
    ['a proof without a time', changed({ proofs: [{ type: 'totp', factorId: null }] })],
    ['a proof that is null', changed({ proofs: [null] })],
    ['a type of factor that is no name', changed({ types: [''] })],
    ['types that are no list', changed({ types: { length: 1 } })],
    ['no time', changed({ since: undefined })],
    ['a half login without its data', changed({ state: 'owed', owed: 'ada' })],
    ['a half login that does not say what to keep', changed({ owed: { user: 1, passport: 0 } })],
    ['a half login of no Passport', changed({ owed: { user: 1, keepSessionInfo: true } })],
    ['adopted by no', changed({ adopted: 'no' })],
    ['waiting for nothing', changed({ state: 'owed', waiting: {} })],
    ['waiting after no proof', changed({ state: 'owed', waiting: { ...waiting, proof: null } })],
    ['waiting for a link sent nowhere', changed({ state: 'owed', waiting: { ...waiting, sentTo: 'a' } })],
    ['waiting to go to a number', changed({ state: 'owed', waiting: { ...waiting, to: 7 } })],
    ['an accepted proof without methods', changed({ accepted: { at: 1 } })],
    ['made nowhere', changed({ from: null })],
    ['made in a browser that is text', changed({ from: { browser: 'Chrome', address: null } })],
    ['made at an address that is a number', changed({ from: { browser: null, address: 7 } })],
    ['used at a time that is text', changed({ lastAt: 'now' })],
  ])('holds no login when it is broken: %s', (_, text) => {
    expect(readRecord(text)).toBeNull();
  });

  it('says last when it was used, and leaves alone what is no record', () => {
    const text = writeRecord(aLogin({ lastAt: 60_000 }));
    expect(text).toMatch(/,"lastAt":60000\}$/);
    expect(withLastAt(text, 120_000)).toBe(text.replace('60000', '120000'));
    expect(readRecord(withLastAt(writeRecord(aLogin()), 0))).toEqual(aLogin({ lastAt: 0 }));
    for (const none of [null, '', '>note', '{"userId":', '[]']) expect(withLastAt(none, 0)).toBeNull();
  });

  it('takes a login that is older than the installation', () => {
    const login = aLogin({ state: 'exempt', adopted: true });
    expect(readRecord(writeRecord(login))).toEqual(login);
  });

  it.each(['/billing', null])('takes a half login that waits for its link (%s)', (to) => {
    const text = changed({ state: 'owed', waiting: { ...waiting, to } });
    expect(writeRecord(readRecord(text) ?? aLogin())).toBe(text);
  });

  it('takes a proof that belongs to no factor', () => {
    const login = aLogin({ proofs: [{ type: 'backup-code', factorId: null, at: 0 }] });
    expect(readRecord(writeRecord(login))).toEqual(login);
  });
});
