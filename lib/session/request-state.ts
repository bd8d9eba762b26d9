import type { IncomingMessage } from 'node:http';
import type { Request } from 'express';
import type { ProofType } from '../account/account';
import type { Scope } from '../core/scope';
import type { Proof } from '../stores/contracts';
import type { Host } from './host';
import type { Standing } from './standing';

/** What a request may know of its own second factor: `req.twoFactor`. */
export interface RequestTwoFactor {
  /** `none`: nobody is signed in. `owed`: half signed in. `exempt`: signed in, nothing was owed. */
  readonly status: 'none' | 'owed' | 'passed' | 'exempt';
  /** The id of the user of a half login. */
  readonly owedBy?: string;
  readonly proofs: readonly Proof[];
  /** RFC 8176 names of what was proven. */
  readonly amr: readonly string[];
  readonly loginId: string | null;
}

declare global {
  namespace Express {
    interface Request {
      twoFactor?: RequestTwoFactor;
      /** Where `passport.authenticate(…, { assignProperty: 'secondFactorProof' })` leaves a proof. */
      secondFactorProof?: unknown;
    }
  }
}

const scopes = new WeakMap<IncomingMessage, Scope>();
const standings = new WeakMap<IncomingMessage, Standing>();

/** The stores of a request, all its calls under one deadline. */
export function scopeOf(host: Host, req: IncomingMessage): Scope {
  const known = scopes.get(req);
  if (known) return known;
  const scope = host.newScope();
  scopes.set(req, scope);
  return scope;
}

export const knownStanding = (req: IncomingMessage): Standing | undefined => standings.get(req);

export function setStanding(req: Request, standing: Standing): void {
  standings.set(req, standing);
  req.twoFactor = publicOf(standing);
}

export function publicOf(standing: Standing): RequestTwoFactor {
  if (!('login' in standing) || standing.status === 'ended') {
    return { status: 'none', proofs: [], amr: [], loginId: null };
  }
  const { login, status } = standing;
  const { proofs, loginId } = login;
  if (status === 'owed') return { status, owedBy: login.userId, proofs: [], amr: [], loginId };
  return { status, proofs, amr: amrOf(proofs, login.accepted?.methods ?? []), loginId };
}

// E-mail and backup codes have no registered name: they count as `mfa` only (RFC 8176 §2).
const names: { readonly [type in ProofType]?: string } = { totp: 'otp', 'otp-sms': 'sms' };

function amrOf(proofs: readonly Proof[], accepted: readonly string[]): string[] {
  const own = proofs.map((proof) => names[proof.type]).filter((name) => name !== undefined);
  const second = proofs.length > 0 ? ['mfa'] : [];
  return [...new Set([...accepted, ...own, ...second])];
}
