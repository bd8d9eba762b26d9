import type { Account } from '../account/account';
import { enrolledTypes, factorOf, owesFactor } from '../account/factors';
import type { Login, Proof } from '../stores/contracts';

/**
 * A login as it goes on after a proof, or after a change of its account: in the account's epoch, and with the proofs
 * that still count. One by a factor that is gone does not. Backup codes that were made anew are still backup codes: the
 * login that made them is the one that had given one, and every other login is over by that.
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
