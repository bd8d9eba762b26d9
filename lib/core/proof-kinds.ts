import type { Account, CodeType, FactorId, LaneName, ProofType, UserId } from '../account/account';
import { totpDigits } from '../crypto/otp';
import type { Refusal } from '../errors';
import type { PlannedEvent } from '../events';
import { readBackupCode, readDigits } from '../factors/code-text';
import type { KeyProof, Login } from '../stores/contracts';
import { checkApp, checkSent } from './check-guess';
import { judgeBackupCode } from './judge-backup-code';
import { judgeGuess, type GuessRule } from './judge-guess';
import { weighKey } from './judge-key';
import type { CountedTry } from './login-tries';
import type { Scope } from './scope';
import type { ProofInput } from './verify';

/** What a factor says of a proof, and the account if that changed it. */
export interface Judgement {
  readonly account: Account;
  readonly verdict:
    { readonly ok: true; readonly factorId: FactorId | null; readonly key?: KeyProof } | Refusal;
  readonly events?: readonly PlannedEvent[];
  /** It was refused unread, or was right but used before: it counts as no try. */
  readonly free?: true;
}

export interface JudgeInput {
  readonly account: Account;
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
  /** It answers a code or a challenge that was issued before, and noted with the login. */
  readonly issued: CodeType | 'webauthn' | null;
  /** What is malformed is refused before anything is counted. */
  read(input: ProofInput): ReadProof | Refusal;
}

/** By which rule a proof is judged: on the newest account, within its save. */
export type Judge = (input: JudgeInput) => Judgement;

export interface ReadProof {
  readonly ok: true;
  /** What takes time is done here, once the try was counted and before the save. */
  weigh(tried: Tried): Weighed | Promise<Weighed>;
}

export interface Tried {
  readonly scope: Scope;
  readonly userId: UserId;
  readonly login: Login | null;
  readonly counted: CountedTry | null;
}

export interface Weighed {
  readonly judge: Judge;
  /** As it was loaded for this; the save finds out whether it is still the newest. */
  readonly account?: Account | null;
}

const judgedBy = (judge: Judge): ReadProof => ({ ok: true, weigh: () => ({ judge }) });

const sixDigits = (check: GuessRule, issued: CodeType | null): ProofKind => ({
  isGuess: true,
  issued,
  read: ({ code }) => {
    const read = readDigits(code, totpDigits);
    return read.ok ? judgedBy(judgeGuess(check, read.code)) : read;
  },
});

const kinds: { readonly [type in ProofType]: ProofKind } = {
  totp: sixDigits(checkApp, null),
  'otp-sms': sixDigits(checkSent('otp-sms'), 'otp-sms'),
  'otp-email': sixDigits(checkSent('otp-email'), 'otp-email'),
  webauthn: {
    isGuess: false,
    issued: 'webauthn',
    read: ({ response }) => ({ ok: true, weigh: (tried) => weighKey(tried, response) }),
  },
  'backup-code': {
    isGuess: false,
    issued: null,
    read: ({ code }) => {
      const read = readBackupCode(code);
      return read.ok ? judgedBy(judgeBackupCode(read.code)) : read;
    },
  },
};

/** Of the table's own: an app may pass on what a client sent, such as `constructor`. */
export const proofKind = (type: ProofType): ProofKind | undefined =>
  Object.hasOwn(kinds, type) ? kinds[type] : undefined;
