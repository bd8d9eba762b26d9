import type { Request } from 'express';

/** A parameter of the request's address, whatever makes `req.query`: the app may have chosen nothing at all. */
export const parameter = ({ originalUrl }: Request, name: string): string | null =>
  parameterOf(originalUrl, name);

/** The parameter as the address has it. One that is there twice says nothing. */
export function parameterOf(address: string, name: string): string | null {
  const start = address.indexOf('?');
  if (start === -1) return null;
  const [value = null, ...more] = new URLSearchParams(address.slice(start)).getAll(name);
  return more.length === 0 ? value : null;
}
