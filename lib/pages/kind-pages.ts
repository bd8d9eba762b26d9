import type { Request, Router } from 'express';
import type { Account, ProofType } from '../account/account';
import type { Kind, KindOf } from '../core/kind';
import type { Scope } from '../core/scope';
import type { Refusal } from '../errors';
import type { Runtime } from '../session/runtime';
import type { Login } from '../stores/contracts';
import type { PageContext } from './page-context';
import type { StepView, WayView } from './views';

/**
 * The pages of one kind of proof. Its texts are those of the catalogue that have its name: `type.<kind>`,
 * `type.<kind>.hint`, and of its step `step.<kind>.label`.
 */
export interface KindPages {
  /** Its place among the options of "Security and login"; null: it is none of them. */
  readonly place: number | null;
  /** What its step has a field for; null: it has none. */
  readonly field: 'code' | 'backup-code' | null;
  /** What a step posts to before its proof, such as for a code to be sent. */
  readonly asks: `/${string}` | null;
  /** Adds its own pages: how it is set up, and what `asks` names. */
  routes(router: Router, context: PageContext): void;
  /** What its step shows besides that field. */
  step(shown: StepShown): StepParts | Promise<StepParts>;
}

/** What belongs to one kind alone. */
export type StepParts = Partial<Pick<StepView, 'entry' | 'keys' | 'sending' | 'serverTime'>>;

export interface StepShown {
  readonly runtime: Runtime;
  readonly req: Request;
  readonly scope: Scope;
  readonly login: Login;
  readonly account: Account;
  readonly base: string;
  /** Masked. */
  readonly user: string;
  readonly ways: readonly WayView[];
  readonly refusal: Refusal | null;
}

/** The table of kinds, as far as pages know it. */
export type PagedKinds = {
  readonly [Type in ProofType]: KindOf<Type> & { readonly pages: KindPages };
};

export const rowsOf = (kinds: PagedKinds): (readonly [ProofType, Kind & { readonly pages: KindPages }])[] =>
  Object.entries(kinds) as [ProofType, Kind & { readonly pages: KindPages }][];
