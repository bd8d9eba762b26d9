import type { Request, Response } from 'express';
import { enrolledTypes } from '../account/factors';
import { toUserId } from '../account/user-id';
import type { Verified } from '../core/verify';
import { randomLoginId } from '../crypto/random';
import { refuseKey } from '../core/key-refusal';
import type { Refusal } from '../errors';
import type { Login } from '../stores/contracts';
import { enter, type Finished } from './finish';
import { wantedBy } from './goal';
import type { Host } from './host';
import { scopeOf } from './request-state';
import { planRenewal } from './renewal';
import { guardStore } from './store-guard';

/** Signs in the user of a passkey that was verified: both factors at once, so nothing is owed. */
export async function logInByPasskey(
  host: Host,
  req: Request,
  res: Response,
  verified: Verified,
): Promise<Finished | Refusal> {
  const { account, proof } = verified;
  const [seam] = host.seams;
  const scope = scopeOf(host, req);
  const user = await scope.inTime('users.byId', async () => host.options.users.byId?.(account.userId));
  // Fail closed should the app hand out another user under this id.
  const isThere =
    user !== null && user !== undefined && toUserId(host.options.users.id(user)) === account.userId;
  if (!seam || !isThere) return refuseKey('wrong_code');

  guardStore(req.sessionStore, host.pending);
  const to = wantedBy(host, req, {});
  const login: Login = {
    userId: account.userId,
    state: 'passed',
    epoch: account.epoch,
    loginId: randomLoginId(),
    proofs: [proof],
    types: enrolledTypes(account),
    since: proof.at,
  };
  const { loginLife } = scope.settings;
  planRenewal(req, { pending: host.pending, login, life: loginLife, goesOn: false });
  return { ok: true, url: await enter(host, seam, req, res, user, login, false, verified, to) };
}
