import type { Account, FactorId, ProofType, UserId } from '../account/account';
import { labelOf, owesFactor } from '../account/factors';
import { forgetReset } from '../account/reset';
import { refuse, type Refusal } from '../errors';
import type { PlannedEvent } from '../events';
import type { Login, Proof } from '../stores/contracts';
import { isNotBefore } from './age';
import { visitOf, type Noted, type Visit } from './browser';
import { countTry, refusedOver } from './login-tries';
import { kindOf } from './kind';
import { isOffered } from './offer';
import { isWaiting, refuseWaiting } from './half-login';
import type { Judgement, Kind, ProofInput, Scope } from './scope';
import { unchanged, update, type Changed } from './update';

/** Who gives the proof. Without a login (JWT apps) only the lanes limit the tries. */
export interface Prover {
  readonly userId: UserId;
  readonly login: Login | null;
  /** What the browser sent in its cookie. A browser seen before has tries of its own. */
  readonly tokens: readonly string[];
  /** Whether not to be asked in this browser again. Counts for a sign-in with a factor. */
  readonly remember?: boolean;
}

export interface Verified {
  readonly ok: true;
  readonly proof: Proof;
  readonly account: Account;
  /** What the browser is to keep in its cookie; null where no browser is noted, as without a login. */
  readonly tokens: readonly string[] | null;
  /**
   * The account does not know the browser, the proof is of a kind that can be passed on, and the app wants such a login
   * confirmed. The browser is noted only once it is.
   */
  readonly asksLink?: true;
  /** Once it is noted, it is to be remembered. */
  readonly remember?: true;
}

/**
 * Is this proof right? In this order: a malformed proof is refused and costs nothing; the try is counted; the proof is
 * judged by the rules and the account saved; only then is anyone told. A crash in between costs a try or a code, never
 * more.
 */
export async function verify(
  scope: Scope,
  prover: Prover,
  type: ProofType,
  input: ProofInput,
): Promise<Verified | Refusal> {
  const kind = kindOf(scope.kinds, type);
  if (!kind) return refuse('not_found');
  const { userId, login, tokens } = prover;
  const read = await kind.read(input, { scope, userId });
  if (!read.ok) return (await refusedOver(scope, login)) ?? read;
  if (login && isWaiting(login) && !kind.resistsPhishing)
    return (await refusedOver(scope, login)) ?? refuseWaiting(scope, login);

  const tried = login ? await countTry(scope, login, type, kind, read.isGuess ?? false) : null;
  if (tried && !tried.ok) return kind.hasOwnWords ? { ...tried, type } : tried;
  const counted = tried?.counted ?? null;
  const { judge, account: known } = await read.weigh({ scope, userId, login, tokens, counted });

  const result = await update<{ verified: Verified | Refusal; free: boolean }>(
    scope,
    userId,
    (account, now) => {
      const refused = refuseLogin(scope, account, login, type, kind);
      if (refused) return unchanged({ verified: refused, free: true });
      const visit = visitOf(account, tokens, scope);
      const judged = judge({ account, now, lane: visit.lane, counted, login, scope });
      const settled = withResetSettled(account, judged, login, now);
      const note: Note = (proven, factorId) => {
        const signsIn = login?.state === 'owed';
        // People who need a backup code have lost the factor: not the time to ask less.
        const remember = signsIn && factorId !== null && prover.remember === true;
        if (!isUnproven(scope, visit, kind)) return visit.note(proven, now, { signsIn, remember });
        if (!signsIn) return unnoted(proven);
        return { ...unnoted(proven), later: { asksLink: true, ...(remember && { remember }) } };
      };
      return applyVerdict(scope, account, settled, type, now, login && note);
    },
    known,
  );
  if (result.free) await counted?.giveBack();
  else if (result.verified.ok) await counted?.settle();
  else await counted?.spend();
  if (result.verified.ok) kind.noteAccepted?.(scope);
  return result.verified;
}

/**
 * A code can be passed on to whoever asks for it; a key answers the real site alone. So a browser never seen before
 * becomes known by a code only after its link: not by a step-up either, which whoever has a stolen session can give.
 */
const isUnproven = ({ settings }: Scope, visit: Visit, kind: Kind): boolean =>
  settings.newBrowser === 'confirm' && visit.known.length === 0 && !kind.resistsPhishing;

/** The login must belong to the account's epoch, and the type must be enrolled. */
function refuseLogin(
  scope: Scope,
  account: Account,
  login: Login | null,
  type: ProofType,
  kind: Kind,
): Refusal | null {
  if (login && login.epoch !== account.epoch) return refuse('sign_in_required');
  // It owed one when it began: its user was forgotten since.
  if (!owesFactor(account)) return refuse(login?.state === 'owed' ? 'sign_in_required' : 'not_found');
  const has = kind.countOf(scope, account) !== null;
  return has && isOffered(scope, login, account, type) ? null : refuse('not_found');
}

/**
 * A reset is settled by a correct proof in a login that used what the reset made: a new password, or a link. A step-up
 * in an earlier login says nothing about whoever has that. What the reset shut out was refused above, so this is
 * another kind of proof.
 */
function withResetSettled(before: Account, judged: Judgement, login: Login | null, now: number): Judgement {
  const { account = before, verdict } = judged;
  if (!verdict.ok || !account.resetBy) return judged;
  const isAfter = login === null || isNotBefore(login.since, Math.min(account.resetBy.at, now));
  return isAfter ? { ...judged, account: forgetReset(account) } : judged;
}

/** Notes the browser that gave a proof, in the account as it is after that. */
type Note = (
  account: Account,
  factorId: FactorId | null,
) => Noted & { readonly later?: Pick<Verified, 'asksLink' | 'remember'> };

const unnoted = (account: Account): Noted => ({ account, tokens: null, events: [] });

/** What a judgement means for the account, for whoever gave the proof, and for listeners. */
export function applyVerdict(
  { kinds }: Pick<Scope, 'kinds'>,
  before: Account,
  judged: Judgement,
  type: ProofType,
  now: number,
  note: Note | null,
): Changed<{ verified: Verified | Refusal; free: boolean }> {
  const { verdict, events = [] } = judged;
  const free = judged.free ?? false;
  if (!verdict.ok) {
    const refused: PlannedEvent =
      // Nobody can eavesdrop on what can't be phished: a key's old answer proves nothing.
      verdict.code === 'code_used' && !kindOf(kinds, type)?.resistsPhishing
        ? { name: 'proof.replayed', type }
        : {
            name: 'proof.refused',
            type,
            code: verdict.code,
            ...(verdict.triesLeft !== undefined && { triesLeft: verdict.triesLeft }),
          };
    const outcome = { verified: verdict, free };
    const all = [refused, ...events];
    return judged.account ? { account: judged.account, outcome, events: all } : unchanged(outcome, all);
  }
  const proven = judged.account ?? before;
  const { factorId } = verdict;
  const { account, tokens, later, ...noted } = note?.(proven, factorId) ?? { ...unnoted(proven) };
  const proof: Proof = { type, factorId, at: now, ...verdict.key };
  return {
    account,
    outcome: { verified: { ok: true, proof, account, tokens, ...later }, free },
    events: [
      {
        name: 'proof.accepted',
        type,
        factorId,
        ...labelOf(before, factorId),
      },
      ...events,
      ...noted.events,
    ],
  };
}
