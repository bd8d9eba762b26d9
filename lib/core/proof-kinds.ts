import type { Account, CodeType, FactorId, LaneName, ProofType } from '../account/account';
import { totpDigits } from '../crypto/otp';
import type { Refusal } from '../errors';
import type { PlannedEvent } from '../events';
import { readBackupCode, readDigits } from '../factors/code-text';
import type { Login } from '../stores/contracts';
import { checkApp, checkSent } from './check-guess';
import { judgeBackupCode } from './judge-backup-code';
import { judgeGuess } from './judge-guess';
import type { CountedTry } from './login-tries';
import type { Scope } from './scope';

/** What a factor says of a proof, and the account if that changed it. */
export interface Judgement {
  readonly account: Account;
  readonly verdict: { readonly ok: true; readonly factorId: FactorId | null } | Refusal;
  readonly events?: readonly PlannedEvent[];
  /** It was refused unread, or was right but used before: it counts as no try. */
  readonly free?: true;
}

export interface JudgeInput {
  readonly account: Account;
  readonly code: string;
  readonly now: number;
  readonly lane: LaneName;
  readonly counted: CountedTry | null;
  readonly login: Login | null;
  readonly scope: Scope;
}

/** One kind of proof: how its input is read, and by which rule it is judged. */
export interface ProofKind {
  /** A code of six digits, which lanes protect; other proofs can't be guessed. */
  readonly isGuess: boolean;
  /** Its codes are sent, and noted with the login. */
  readonly sent: CodeType | null;
  read(input: unknown): { readonly ok: true; readonly code: string } | Refusal;
  judge(input: JudgeInput): Judgement;
}

const readSix = (input: unknown) => readDigits(input, totpDigits);
const sentCode = (sent: CodeType): ProofKind => ({
  isGuess: true,
  sent,
  read: readSix,
  judge: judgeGuess(checkSent(sent)),
});

const kinds: { readonly [type in ProofType]?: ProofKind } = {
  totp: { isGuess: true, sent: null, read: readSix, judge: judgeGuess(checkApp) },
  'otp-sms': sentCode('otp-sms'),
  'otp-email': sentCode('otp-email'),
  'backup-code': { isGuess: false, sent: null, read: readBackupCode, judge: judgeBackupCode },
};

/** Of the table's own: an app may pass on what a client sent, such as `constructor`. */
export const proofKind = (type: ProofType): ProofKind | undefined =>
  Object.hasOwn(kinds, type) ? kinds[type] : undefined;
