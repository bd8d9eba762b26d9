import type { Request, RequestHandler, Response } from 'express';
import type { ProofType } from '../account/account';
import { toUserId } from '../account/user-id';
import type { Found } from '../core/new-browser';
import type { ProofInput } from '../core/scope';
import { verify, type Verified } from '../core/verify';
import { errorField, refuse, SecondFactorError, statusOfCode, type Refusal } from '../errors';
import { field, readBody } from './body';
import { endOfNobody, finish, type Finished } from './finish';
import { goalOf } from './goal';
import { isJsonBody } from './negotiate';
import { askLink, completeByLink as finishByLink } from './new-browser';
import type { Runtime } from './runtime';
import { callBack } from './promised';
import { owedUser } from './app-functions';
import { isProof, spendProof } from './proof-brand';
import { knownLoginState, scopeOf } from './request-state';
import { failWith } from './step';
import { wrongOrder } from './errors';

/** Connects a request to the core: who gives the proof, in which browser, and what follows. */
export function createProving(runtime: Runtime) {
  const { browser } = runtime;

  /** Is the proof in this request right? For the user of a half login, a complete one, or a token. */
  async function verifyRequest(req: Request, type: ProofType): Promise<Verified | Refusal> {
    const loginState = knownLoginState(runtime, req);
    if (loginState?.status === 'ended') return refuse('half_login_ended');
    const login = loginState && 'login' in loginState ? loginState.login : null;
    const userId = login?.userId ?? tokenUser(runtime, req);
    if (userId === null) return refuse('sign_in_required');
    const unreadable = await readBody(req);
    if (unreadable) return unreadable;
    const isOwed = loginState?.status === 'owed';
    if (isOwed && (await owedUser(runtime, req, loginState)) === null) return endOfNobody(runtime, req);
    const { code, response } = (req.body ?? {}) as ProofInput;
    const prover = { userId, login, tokens: browser.tokensOf(req), remember: wantsRemembered(req) };
    const verified = await verify(scopeOf(runtime, req), prover, type, { code, response });
    if (verified.ok) browser.keepTokens(req.res, verified);
    return verified;
  }

  /** Completes the login for which a proof was accepted. */
  async function complete(req: Request, res: Response, proof: unknown): Promise<Finished | Refusal> {
    const verified = spendProof(proof, req);
    if (!verified) throw proof === undefined || isProof(proof) ? noProof() : notOurs();
    const to = goalOf(runtime, req);
    const counts = verified.asksLink ? await askLink(runtime, req, verified, to) : verified;
    return counts.ok ? finish(runtime, req, res, counts, to) : counts;
  }

  /** Completes the login whose link was opened in this browser. */
  const completeByLink = (req: Request, res: Response, found: Found): Promise<Finished | Refusal> =>
    finishByLink(runtime, req, res, found);

  /** Runs our strategy of this type on a request and completes the login. */
  async function run(type: ProofType, req: Request, res: Response): Promise<Finished | Refusal> {
    const [seam] = runtime.seams;
    if (!seam) throw new TypeError('there is no Passport');
    const { success, failure } = await seam.authenticate(type, req, res);
    if (success) return complete(req, res, success);
    if (!isRefusal(failure)) throw notOurs();
    return failure;
  }

  /** Completes a login whose proof `passport.authenticate` left in `req.secondFactorProof`. */
  async function finishLogin(req: Request, res: Response): Promise<{ url: string }> {
    const finished = await complete(req, res, req.secondFactorProof);
    if (!finished.ok)
      throw new SecondFactorError(
        finished.code,
        'The login could not be completed.',
        'It took longer than `halfLogin`, was ended meanwhile, or its user is gone. The proof is used up: sign in again.',
      );
    return { url: finished.url };
  }

  /** Both in one, as a route handler for the app: on success `next()`, on refusal we answer. */
  const authenticate =
    (type: ProofType): RequestHandler =>
    (req, res, next) => {
      const status = knownLoginState(runtime, req)?.status;
      if (status === undefined) return next(wrongOrder('authenticate()'));
      // Without a login there is nothing to complete, so no proof is used up.
      if (status === 'none' || status === 'signed-out') {
        return runtime.refuse(req, res, refuse('sign_in_required'));
      }
      callBack(
        run(type, req, res),
        (done) => (done.ok ? next() : runtime.refuse(req, res, done)),
        failWith(runtime, req, res, next),
      );
    };

  return { verifyRequest, run, completeByLink, finishLogin, authenticate };
}

export type Proving = ReturnType<typeof createProving>;

/** The box of the step's form, or `true` in JSON; anything else is ignored. */
export function wantsRemembered(req: Request): boolean {
  const given = field(req, 'remember');
  return isJsonBody(req) ? given === true : given === 'true' || given === 'on';
}

/** The user of a request without a login of ours, as in an API that checks a token issued earlier. */
function tokenUser(runtime: Runtime, req: Request) {
  const user = runtime.seams[0]?.userOf(req);
  return user === undefined || user === null ? null : toUserId(runtime.options.users.id(user));
}

/** What our own strategies fail with. */
const isRefusal = (failure: unknown): failure is Refusal => {
  const code = errorField(failure, 'code');
  return typeof code === 'string' && Object.hasOwn(statusOfCode, code);
};

const notOurs = () =>
  new SecondFactorError(
    'wrong_setup',
    'A Passport strategy that is not ours answered in the place of one of ours.',
    "Your app registers one under the name 'totp', 'webauthn', 'otp-sms', 'otp-email' or 'backup-code' after it called secondFactor(), and so replaces ours. Give yours another name: passport.use('my-totp', strategy).",
  );

const noProof = () =>
  new SecondFactorError(
    'wrong_setup',
    'finishLogin found no proof in req.secondFactorProof.',
    "Put passport.authenticate('totp', { assignProperty: 'secondFactorProof' }) before it. A proof counts once, in the request that brought it.",
  );
