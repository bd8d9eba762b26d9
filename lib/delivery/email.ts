import { type MalformedReason, refuse, type Refusal } from '../errors';
import { readDomain } from './domain';

/** An address that mail reaches. */
export interface Email {
  /** What is stored and sent to: ASCII, the domain in lower case and its `xn--` form. */
  readonly address: string;
  /** What it is compared and counted by: the same with the mailbox in lower case as well. */
  readonly key: string;
}

export type ReadEmail = { readonly ok: true; readonly email: Email } | Refusal;

// RFC 5321 §4.5.3.1, and §4.5.3.1.3 less the angle brackets.
const LONGEST_MAILBOX = 64;
const LONGEST = 254;

/** RFC 5322 §3.2.3, a dot-atom: no quotes, comments or spaces, which no mailbox in use needs. */
const MAILBOX = /^[\w!#$%&'*+/=?^`{|}~-]+(?:\.[\w!#$%&'*+/=?^`{|}~-]+)*$/;

/** Marks that are copied along with an address, at its ends. Within, they are refused. */
const INVISIBLE_ENDS = /^[\p{Cf}\p{Zs}\s\ufe00-\ufe0f]+|[\p{Cf}\p{Zs}\s\ufe00-\ufe0f]+$/gu;

/**
 * An e-mail address as people type and paste it, in the one form for checking, storing and sending. The
 * mailbox keeps its case, for only its own server may say that case does not matter (RFC 5321 §2.4); two
 * addresses that differ in it alone have one `key`, since no provider gives them to two people.
 *
 * @example
 * readEmail("O'Neil@MÜLLER.example") // { ok: true, email: { address: "O'Neil@xn--mller-kva.example", … } }
 */
export function readEmail(input: unknown): ReadEmail {
  if (typeof input !== 'string') return no('email_empty');
  // Cheaply, before anything is read; a domain may shrink in its ASCII form, but not to a tenth.
  if (input.length > LONGEST * 2) return no('email_long');
  const text = input.replace(INVISIBLE_ENDS, '');
  if (text === '') return no('email_empty');
  const [mailbox, typedDomain, ...more] = text.split('@');
  if (!mailbox || !typedDomain || more.length > 0) return no('email_form');
  // Letters of other scripts would need SMTPUTF8 (RFC 6531) at every server on the way, and are the ones
  // that change into others with their case (the Turkish ı).
  if (!MAILBOX.test(mailbox)) return no('email_mailbox');
  const domain = readDomain(typedDomain);
  if (domain === undefined) return no('email_domain');
  const address = `${mailbox}@${domain}`;
  if (mailbox.length > LONGEST_MAILBOX || address.length > LONGEST) return no('email_long');
  return { ok: true, email: { address, key: address.toLowerCase() } };
}

const no = (reason: MalformedReason): Refusal => refuse('malformed', { field: 'address', reason });
