import type { AdminAction } from 'express-second-factor';
import { DEMO_USERS } from '../../example-app/demo-users';
import { isStaff, mayActOn } from '../../example-app/roles';
import type { User } from '../../example-app/users';

const named = (username: string): User => {
  const found = DEMO_USERS.find((user) => user.username === username);
  if (!found) throw new Error(`there is no ${username}`);
  return found;
};
const [admin, reviewer, second, auditor, customer] = [
  named('admin'),
  named('demo-reviewer'),
  named('demo-reviewer-2'),
  named('demo-auditor'),
  named('demo-lost'),
];
const otherAdmin = { id: 'user-other', role: 'admin' } as const;

const HANDLING: readonly AdminAction[] = [
  'requests.assign',
  'requests.more-info',
  'requests.hold',
  'requests.evidence',
  'requests.letter',
  'requests.recommend',
  'requests.approve',
  'requests.reject',
  'requests.cancel',
  'users.live-code.confirm',
];
const ADMINISTERING: readonly AdminAction[] = [
  'users.suspend',
  'users.unlock',
  'users.end-logins',
  'users.reset',
  'users.live-code',
  'contacts.call',
];
const CHANGES = [...HANDLING, ...ADMINISTERING];
const READS = ['users.read', 'requests.read', 'audit.read'] as const;

describe('who may act on whom', () => {
  it('lets all the staff read, also of themselves, and no customer', () => {
    for (const target of [undefined, ...DEMO_USERS]) {
      for (const user of DEMO_USERS) {
        for (const action of READS) expect(mayActOn(user, action, target)).toBe(isStaff(user));
      }
    }
  });

  it.each(CHANGES)('lets an administrator %s for anybody but themselves', (action) => {
    for (const target of [undefined, customer, reviewer, auditor, otherAdmin])
      expect(mayActOn(admin, action, target)).toBe(true);
    expect(mayActOn(admin, action, admin)).toBe(false);
  });

  it.each(HANDLING)('lets a reviewer %s for customers only', (action) => {
    expect(mayActOn(reviewer, action, customer)).toBe(true);
    expect(mayActOn(reviewer, action)).toBe(true);
    for (const target of [admin, reviewer, second, auditor])
      expect(mayActOn(reviewer, action, target)).toBe(false);
  });

  it.each(ADMINISTERING)('lets no reviewer %s', (action) => {
    for (const target of [undefined, ...DEMO_USERS]) expect(mayActOn(reviewer, action, target)).toBe(false);
  });

  it.each(CHANGES)('lets no auditor and no customer %s', (action) => {
    for (const target of [undefined, ...DEMO_USERS]) {
      expect(mayActOn(auditor, action, target)).toBe(false);
      expect(mayActOn(customer, action, target)).toBe(false);
    }
  });
});
