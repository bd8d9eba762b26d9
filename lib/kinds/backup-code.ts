import { countBackupCodes, useBackupCode } from '../account/backup-codes';
import { reopenLanes } from '../account/tries';
import type { Judge } from '../core/scope';
import { checkBackupCode } from '../factors/backup-code';
import { readBackupCode } from '../factors/code-text';
import { backupCodePages } from '../pages/backup-codes';
import { BackupCodeStrategy } from '../../strategies/backup-code';
import type { Row } from './row';

/**
 * Codes that were saved when two-factor was switched on. 80 bits need no lane: a wrong one costs its login a try and
 * nothing else.
 */
export const backupCode: Row<'backup-code'> = {
  isGuess: false,
  isIssued: false,
  isStrong: true,
  resistsPhishing: false,
  isOnPhone: false,
  hasOwnWords: false,
  amr: () => null,
  isOn: () => true,
  countOf: (_app, account) => countBackupCodes(account)?.left ?? null,
  read: ({ code }) => {
    const read = readBackupCode(code);
    return read.ok ? { ok: true, weigh: () => ({ judge: judge(read.code) }) } : read;
  },
  factor: null,
  pages: { place: null, field: 'backup-code', asks: null, routes: backupCodePages, step: () => ({}) },
  Strategy: BackupCodeStrategy,
};

const judge =
  (code: string): Judge =>
  ({ account, now, counted, scope }) => {
    const check = checkBackupCode(account, code, scope.seal);
    if (check.ok) {
      const used = reopenLanes(useBackupCode(account, check.position, now));
      return {
        account: used,
        verdict: { ok: true, factorId: null },
        events: [{ name: 'backup-code.used', left: countBackupCodes(used)?.left ?? 0 }],
      };
    }
    if (check.code === 'code_used') return { verdict: check, free: true };
    return { verdict: counted ? { ...check, triesLeft: counted.leftAfter } : check };
  };
