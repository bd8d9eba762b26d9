import type { Account } from '../account/account';
import { enrolledTypes, factorOf, owesFactor } from '../account/factors';
import type { Login, Proof } from '../stores/contracts';

/**
 * A login as it continues after a proof, or after a change of its account: in the account's epoch, and with the proofs
 * that still count. A proof by a factor that is gone does not. A proof by a backup code still counts after new codes
 * were made: only the login that gave it could make them, and that ended every other login.
 */
export function loginAfter(login: Login, account: Account, proof: Proof | null = null): Login {
  const counts = ({ factorId }: Proof): boolean =>
    factorId === null ? account.backupCodes !== null : factorOf(account, factorId) !== undefined;
  const isRepeated = (one: Proof): boolean =>
    one.type === proof?.type && one.factorId === proof.factorId && (proof.userVerified ?? !one.userVerified);
  const others = login.proofs.filter((one) => counts(one) && !isRepeated(one));
  return {
    ...login,
    state: owesFactor(account) ? 'passed' : 'exempt',
    epoch: account.epoch,
    proofs: proof ? [...others, proof] : others,
    types: enrolledTypes(account),
  };
}
