import type { RequestHandler } from 'express';

/** On every page, download and error of ours. `no-referrer` would make browsers post our own forms with `Origin: null`. */
export const securityHeaders: RequestHandler = (_req, res, next) => {
  res.set({
    'Cache-Control': 'no-store',
    'Content-Security-Policy':
      "default-src 'self'; form-action 'self'; base-uri 'none'; object-src 'none'; frame-ancestors 'none'",
    'Referrer-Policy': 'same-origin',
    'X-Content-Type-Options': 'nosniff',
    'X-Frame-Options': 'DENY',
  });
  // WebOTP, by which a browser offers the code of a text message. An app that has a policy of its own keeps it.
  if (!res.hasHeader('Permissions-Policy')) res.set('Permissions-Policy', 'otp-credentials=(self)');
  next();
};
