import type { RequestHandler } from 'express';

/** On every answer. The policy allows nothing inline, so that injected markup runs nothing. */
export function securityHeaders(origin: string): RequestHandler {
  const headers: Record<string, string> = {
    'Content-Security-Policy':
      "default-src 'self'; form-action 'self'; base-uri 'none'; object-src 'none'; frame-ancestors 'none'",
    'X-Content-Type-Options': 'nosniff',
    // With no-referrer browsers post a page's own forms with `Origin: null`.
    'Referrer-Policy': 'same-origin',
    'Cross-Origin-Opener-Policy': 'same-origin',
  };
  if (origin.startsWith('https:')) headers['Strict-Transport-Security'] = 'max-age=31536000';
  return (_req, res, next) => {
    res.set(headers);
    next();
  };
}

/** Pages hold what only their reader may see, also after signing out. */
export const noStore: RequestHandler = (_req, res, next) => {
  res.set('Cache-Control', 'no-store');
  next();
};
