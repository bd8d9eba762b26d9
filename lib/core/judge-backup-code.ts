import { countBackupCodes, useBackupCode } from '../account/backup-codes';
import { reopenLanes } from '../account/tries';
import { refuse } from '../errors';
import { checkBackupCode } from '../factors/backup-code';
import type { JudgeInput, Judgement } from './judgement';

/** Judges a backup code. 80 bits need no lane: a wrong one takes a try of its login and nothing else. */
export const judgeBackupCode =
  (code: string) =>
  ({ account, now, counted, scope }: JudgeInput): Judgement => {
    const check = checkBackupCode(account, code, scope.seal);
    if (check.result === 'right') {
      const used = reopenLanes(useBackupCode(account, check.position, now));
      return {
        account: used,
        verdict: { ok: true, factorId: null },
        events: [{ name: 'backup-code.used', left: countBackupCodes(used)?.left ?? 0 }],
      };
    }
    if (check.result === 'used') return { account, verdict: refuse('code_used'), free: true };
    return { account, verdict: refuse('wrong_code', counted ? { triesLeft: counted.leftAfter } : {}) };
  };
