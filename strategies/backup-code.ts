import { ProofStrategy } from './base';

/** `backup-code`: one of the user's backup codes, in the field `code`. */
export class BackupCodeStrategy extends ProofStrategy {
  readonly name = 'backup-code';
}
