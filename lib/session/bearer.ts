import type { Request, Response } from 'express';

export const isBearer = (req: Request): boolean => /^bearer /i.test(req.headers.authorization ?? '');

/**
 * RFC 9470 §3: the token is good, and its proof too old or too weak for what is asked.
 *
 * @param acr `phr`: it has to resist phishing (OpenID Connect EAP ACR Values 1.0 §4)
 */
export function challengeBearer(res: Response, age: number, acr: string | null = null): void {
  const maxAge = Number.isFinite(age) ? `, max_age="${Math.floor(age / 1000)}"` : '';
  const acrValues = acr === null ? '' : `, acr_values="${acr}"`;
  const error = 'error="insufficient_user_authentication", error_description="A newer proof is required"';
  res.set('WWW-Authenticate', `Bearer ${error}${acrValues}${maxAge}`);
}
