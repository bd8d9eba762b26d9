import { fromBase32 } from '../../lib/crypto/base32';
import type { Answer } from '../support/http-client';
import { formTokenIn, sessionIdIn, type Fields } from '../support/browser-on-wire';

/** What a value is: it decides in which spellings one has to look for it. */
type Kind =
  | 'password'
  | 'seed'
  | 'digits'
  | 'backup code'
  | 'challenge'
  | 'session id'
  | 'browser token'
  | 'form token'
  | 'address';

export interface Secret {
  readonly kind: Kind;
  readonly value: string;
}

/** Everything secret that went over the wire, to be looked for afterwards in what was stored and printed. */
export class Seen {
  private readonly kinds = new Map<string, Kind>();

  note(kind: Kind, value: unknown): void {
    if (typeof value === 'string' && value !== '') this.kinds.set(value, kind);
  }

  readonly watch = (sent: Fields, { headers, body, text }: Answer): void => {
    for (const name of ['password', 'currentPassword', 'newPassword']) this.note('password', sent[name]);
    if (typeof sent.code === 'string')
      this.note(/^\d{6}$/.test(sent.code) ? 'digits' : 'backup code', sent.code);
    this.note('seed', body.secret);
    this.note('challenge', body.challenge);
    if (Array.isArray(body.backupCodes))
      body.backupCodes.forEach((code: unknown) => this.note('backup code', code));
    this.note('form token', formTokenIn(text));
    for (const line of headers['set-cookie'] ?? []) {
      const [, name = '', value = ''] = /^([^=]+)=([^;]*)/.exec(line) ?? [];
      if (name === 'webadmin.sid') this.note('session id', sessionIdIn(value));
      else this.note('browser token', value);
    }
  };

  all(): Secret[] {
    return [...this.kinds].map(([value, kind]) => ({ kind, value }));
  }

  count(kind: Kind): number {
    return this.all().filter((secret) => secret.kind === kind).length;
  }
}

/** The texts that would give the value away. */
export function spellingsOf({ kind, value }: Secret): string[] {
  if (kind === 'seed') return [value, ...encoded(fromBase32(value) ?? Buffer.alloc(0))];
  if (kind === 'backup code') return [value, value.replaceAll('-', '')];
  if (kind === 'address') return [value.replace(/^\+/, ''), ...encoded(Buffer.from(value))];
  return [value, ...(kind === 'digits' ? [] : [Buffer.from(value).toString('base64').replace(/=+$/, '')])];
}

const encoded = (bytes: Buffer): string[] =>
  bytes.length === 0
    ? []
    : [
        bytes.toString('hex'),
        bytes.toString('base64').replace(/=+$/, ''),
        bytes.toString('base64url'),
        bytes.toString('latin1'),
      ];
