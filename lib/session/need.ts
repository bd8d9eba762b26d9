import type { Request } from 'express';
import { parameter } from './query';

/** What "confirm it's you" has to be done with. */
export interface Need {
  /** null: whatever the user has. */
  readonly types: readonly string[] | null;
  /** A key must see a PIN, fingerprint or face. */
  readonly userVerified: boolean;
}

/** Carried in the addresses of the step, from page to page. Whoever changes it there changes what is offered, and nothing else. */
export function needOf(req: Request): Need {
  const need = parameter(req, 'need');
  const types = need !== null && need.length < 100 ? need.split(',') : null;
  return { types, userVerified: parameter(req, 'uv') === '1' };
}

export function withNeed(url: string, { types, userVerified }: Need): string {
  const carried = [
    ...(types ? [`need=${types.map(encodeURIComponent).join(',')}`] : []),
    ...(userVerified ? ['uv=1'] : []),
  ];
  return carried.length === 0 ? url : `${url}${url.includes('?') ? '&' : '?'}${carried.join('&')}`;
}
