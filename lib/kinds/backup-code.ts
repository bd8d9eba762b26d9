import type { Account } from '../account/account';
import { countBackupCodes, useBackupCode } from '../account/backup-codes';
import { reopenLanes } from '../account/tries';
import { chargeLane, type GuessCheck, judgeCharged, judgeGuess } from '../core/judge-guess';
import type { Judge, JudgeInput, Reading, Tried, Weighed } from '../core/scope';
import { SecondFactorError } from '../errors';
import { checkBackupCode, foreignHashes, sealBackupCode } from '../factors/backup-code';
import { readBackupCode, readImportedCode } from '../factors/code-text';
import { backupCodePages } from '../pages/backup-codes';
import { BackupCodeStrategy } from '../../strategies/backup-code';
import type { Row } from './row';

/**
 * Codes that were saved when two-factor was switched on. 80 bits need no lane: a wrong one costs its login a try and
 * nothing else. Those of another system may be short, so each try at one is charged to a lane.
 */
export const backupCode: Row<'backup-code'> = {
  isGuess: ({ backupCodes }) => backupCodes?.imported ?? false,
  isIssued: false,
  isStrong: true,
  resistsPhishing: false,
  isOnPhone: false,
  hasOwnWords: false,
  amr: () => null,
  isOn: () => true,
  countOf: (_app, account) => countBackupCodes(account)?.left ?? null,
  read: async ({ code }, { scope, userId }) => {
    const account = await scope.accounts.load(userId);
    if (account?.backupCodes?.imported) return readImported(account, code);
    const read = readBackupCode(code);
    return read.ok ? { ok: true, weigh: () => ({ judge: judge(read.code), account }) } : read;
  },
  factor: null,
  pages: {
    place: null,
    field: 'backup-code',
    asks: null,
    routes: backupCodePages,
    step: ({ account }) => ({ hint: account.backupCodes?.imported ? 'imported' : null }),
  },
  Strategy: BackupCodeStrategy,
};

const judge =
  (code: string): Judge =>
  ({ account, now, counted, scope }) => {
    const check = checkBackupCode(account, code, scope.seal);
    if (check.ok) {
      const used = reopenLanes(useBackupCode(account, check.position, now));
      return { account: used, verdict: { ok: true, factorId: null }, events: [wasUsed(used)] };
    }
    if (check.code === 'code_used') return { verdict: check, free: true };
    return { verdict: counted ? { ...check, triesLeft: counted.leftAfter } : check };
  };

const wasUsed = (account: Account) =>
  ({ name: 'backup-code.used', left: countBackupCodes(account)?.left ?? 0 }) as const;

/** A code of another system, of which the account has a digest of ours or a hash that only the app can check. */
function readImported(account: Account, input: unknown): Reading {
  const read = readImportedCode(input);
  if (!read.ok) return read;
  const { code, typed } = read;
  const check = ({ account: current, now, scope }: JudgeInput): GuessCheck => {
    const checked = checkBackupCode(current, code, scope.seal);
    return checked.ok ? used(useBackupCode(current, checked.position, now)) : checked;
  };
  return {
    ok: true,
    isGuess: true,
    weigh: async (tried) => {
      const { seal } = tried.scope;
      const known = checkBackupCode(account, code, seal);
      const isWeighed = known.ok || known.code === 'code_used' || foreignHashes(account, seal).length === 0;
      return isWeighed ? { judge: judgeGuess(check, code), account } : weighHashes(tried, check, code, typed);
    },
  };
}

/** One after the other, as some hashes take much memory; and all of them, so that the time taken reveals nothing. */
async function weighHashes(
  tried: Tried,
  check: (input: JudgeInput) => GuessCheck,
  code: string,
  typed: string,
): Promise<Weighed> {
  const { seal, verifyHash } = tried.scope;
  if (!verifyHash) throw noVerifier();
  const charged = await chargeLane(tried);
  if (!charged.ok) return { judge: () => ({ verdict: charged, free: true }) };
  const right = new Set<string>();
  for (const { hash } of foreignHashes(charged.account, seal))
    if (await verifyHash(hash, typed)) right.add(hash);

  const checkAll = (input: JudgeInput): GuessCheck => {
    const { account, now } = input;
    const found = foreignHashes(account, seal).find(({ hash }) => right.has(hash));
    // From then on it is known by a digest of ours, so that a second use is told from a wrong code.
    return found
      ? used(useBackupCode(account, found.position, now, sealBackupCode(account.userId, code, seal)))
      : check(input);
  };
  return { judge: judgeCharged(charged, checkAll) };
}

const used = (account: Account): GuessCheck => ({
  ok: true,
  factorId: null,
  account,
  events: [wasUsed(account)],
});

const noVerifier = () =>
  new SecondFactorError(
    'wrong_setup',
    'The backup codes of a user were imported as hashes, and the option backupCodes.verify is missing.',
    'Give backupCodes: { verify: (hash, code) => bcrypt.compare(code, hash) } for as long as somebody has such codes.',
  );
