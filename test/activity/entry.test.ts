import type { FactorId, StaffAction } from '../../lib/account/account';
import { entryOf } from '../../lib/activity/entry';
import { allStates } from '../../lib/admin/requests';
import type { PlannedEvent, RequestContext } from '../../lib/events';
import { createCatalogue } from '../../lib/pages/catalogue';
import { ACTIVITY_NAMES } from '../../lib/stores/activity';
import cs from '../../views/locales/cs.json';
import en from '../../views/locales/en.json';
import { userId } from '../contracts/accounts.contract';

const happened = { userId: userId('ada'), at: 5 };
const context: RequestContext = { address: '203.0.113.7', browser: null, requestId: null };
const factorId = 'factor' as FactorId;
const staffActions: readonly StaffAction[] = [
  'suspend',
  'unlock',
  'end_logins',
  'live_code',
  'live_code_used',
];

describe('The entry of an event', () => {
  it.each<[PlannedEvent, object]>([
    [
      { name: 'login.owed', loginId: 'l' },
      { result: 'ok', loginId: 'l' },
    ],
    [
      { name: 'login.completed', loginId: 'l', type: 'totp', label: 'Phone' },
      { result: 'ok', loginId: 'l', type: 'totp', label: 'Phone' },
    ],
    [
      { name: 'login.exempt', loginId: 'l', accepted: false },
      { result: 'ok', loginId: 'l' },
    ],
    [
      { name: 'proof.refused', type: 'otp-sms', code: 'wrong_code', triesLeft: 3 },
      { result: 'refused', type: 'otp-sms' },
    ],
    [
      { name: 'key.suspicious', factorId, label: 'Key', reason: 'sign_count', accepted: true },
      { result: 'ok', type: 'webauthn', label: 'Key' },
    ],
    [
      { name: 'key.suspicious', factorId, reason: 'sign_count', accepted: false },
      { result: 'refused', type: 'webauthn' },
    ],
    [
      { name: 'backup-codes.made', total: 10 },
      { result: 'ok', type: 'backup-code' },
    ],
    [
      { name: 'code.failed', type: 'otp-email', label: 'Mail', kind: 'auth' },
      { result: 'failed', type: 'otp-email', label: 'Mail' },
    ],
    [{ name: 'tries.used-up', lane: 'known' }, { result: 'refused' }],
    [
      { name: 'recovery.changed', reference: 'RA-BCDFGHJKMN', state: 'in_review', until: 7 },
      { result: 'ok', label: 'in_review' },
    ],
    [
      { name: 'staff.acted', action: 'end_logins' },
      { result: 'ok', label: 'end_logins' },
    ],
  ])('of %j has nothing but what it is about', (event, said) => {
    const { name } = event;
    expect(entryOf(event, happened, context)).toEqual({
      ...happened,
      name,
      ...said,
      browser: null,
      address: '203.0.113.7',
    });
  });

  it.each<PlannedEvent>([
    { name: 'proof.accepted', type: 'totp', factorId },
    { name: 'backup-code.used', left: 3 },
    { name: 'account.forgotten' },
    { name: 'account.tampered', reason: 'changed' },
    { name: 'activity.dropped', dropped: 3 },
    { name: 'sends.unused', channel: 'sms', sent: 30, verified: 1 },
  ])('is none of %j: another one tells it, or its user has no use for it', (event) => {
    expect(entryOf(event, happened, context)).toBeNull();
  });

  it('is one of a proof outside of any login, which nothing else tells', () => {
    const event = { name: 'proof.accepted', type: 'totp', factorId, label: 'Phone' } as const;
    expect(entryOf(event, happened, null)).toEqual({
      ...happened,
      name: 'proof.accepted',
      result: 'ok',
      type: 'totp',
      label: 'Phone',
      browser: null,
      address: null,
      byApp: true,
    });
  });

  it.each([
    ['203.0.113.7', '203.0.113.7'],
    ['::ffff:203.0.113.7', '203.0.113.7'],
    ['2001:db8::7', '2001:db8::7'],
    ['=cmd|calc', null],
    ['<script>', null],
    ['x'.repeat(9_000), null],
    ['', null],
    [null, null],
  ])('takes %j for an address only if it is one', (address, told) => {
    const entry = entryOf({ name: 'two-factor.enabled' }, happened, { ...context, address });
    expect(entry).toMatchObject({ address: told });
  });

  it('has words for every name', () => {
    const catalogue = createCatalogue();
    expect(ACTIVITY_NAMES.filter((name) => !catalogue.has(`activity.${name}`))).toEqual([]);
  });

  it.each([
    ['English', en],
    ['Czech', cs],
  ])('has words of its own for every step of a request for access: %s', (_language, texts) => {
    const told: Readonly<Record<string, string>> = texts;
    const words = allStates.map((state) => told[`activity.recovery.changed.${state}`]);
    expect(words).not.toContain(undefined);
    expect(new Set([...words, told['activity.recovery.changed']]).size).toBe(allStates.length + 1);
  });

  it.each([
    ['English', en],
    ['Czech', cs],
  ])('has words of its own for everything that staff do: %s', (_language, texts) => {
    const told: Readonly<Record<string, string>> = texts;
    const words = staffActions.map((action) => told[`activity.staff.acted.${action}`]);
    expect(words).not.toContain(undefined);
    expect(new Set([...words, told['activity.staff.acted']]).size).toBe(staffActions.length + 1);
  });
});
