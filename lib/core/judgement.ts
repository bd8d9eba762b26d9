import type { Account, FactorId, LaneName, UserId } from '../account/account';
import type { Refusal } from '../errors';
import type { PlannedEvent } from '../events';
import type { KeyProof, Login } from '../stores/contracts';
import type { CountedTry } from './login-tries';
import type { Scope } from './scope';

/** A proof as it came: the code as typed, or what the browser said of a key. */
export interface ProofInput {
  readonly code?: unknown;
  /** `AuthenticationResponseJSON`, or its text. */
  readonly response?: unknown;
}

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
