import type { CodeType, ProofType } from '../account/account';
import { totpDigits } from '../crypto/otp';
import type { Refusal } from '../errors';
import { readBackupCode, readDigits } from '../factors/code-text';
import { checkApp, checkSent } from './check-guess';
import { judgeBackupCode } from './judge-backup-code';
import { judgeGuess, type GuessRule } from './judge-guess';
import { weighKey } from './judge-key';
import type { Judge, ProofInput, ReadProof } from './judgement';

/** One kind of proof: how its input is read, and by which rule it is judged. */
export interface ProofKind {
  /** A code of six digits, which lanes protect; other proofs can't be guessed. */
  readonly isGuess: boolean;
  /** It answers a code or a challenge that was issued before, and noted with the login. */
  readonly issued: CodeType | 'webauthn' | null;
  /** What is malformed is refused before anything is counted. */
  read(input: ProofInput): ReadProof | Refusal;
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

export const proofTypes = Object.keys(kinds) as readonly ProofType[];

/** Of the table's own: an app may pass on what a client sent, such as `constructor`. */
export const proofKind = (type: ProofType): ProofKind | undefined =>
  Object.hasOwn(kinds, type) ? kinds[type] : undefined;
