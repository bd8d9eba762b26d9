import { type MalformedReason, refuse, type Refusal } from '../errors';
import { readDomain } from './domain';

/** An e-mail address that can be delivered to. */
export interface Email {
  /** What is stored and sent to: ASCII, the domain in lower case and its `xn--` form. */
  readonly address: string;
  /** What to compare: the same, with the mailbox in lower case too. */
  readonly key: string;
  /** `a+1@x` and `a+2@x` are one mailbox, and so are `a.b@gmail.com` and `ab@googlemail.com`. */
  readonly mailbox: string;
}

export type ReadEmail = { readonly ok: true; readonly email: Email } | Refusal;

// RFC 5321 §4.5.3.1, and §4.5.3.1.3 less the angle brackets.
const LONGEST_MAILBOX = 64;
const LONGEST = 254;

/** RFC 5322 §3.2.3, a dot-atom: no quotes, comments or spaces, which no mailbox in use needs. */
const MAILBOX = /^[\w!#$%&'*+/=?^`{|}~-]+(?:\.[\w!#$%&'*+/=?^`{|}~-]+)*$/;

/** Invisible characters copied along at the ends of an address. Inside it they are refused. */
const INVISIBLE_ENDS = /^[\p{Cf}\p{Zs}\s\ufe00-\ufe0f]+|[\p{Cf}\p{Zs}\s\ufe00-\ufe0f]+$/gu;

/**
 * An e-mail address as people type and paste it, in its canonical form for checking, storing and sending. The mailbox
 * keeps its case, as only its own server may decide that case does not matter (RFC 5321 §2.4); two addresses that
 * differ only in case have the same `key`, as no provider gives them to two people.
 *
 * @example
 * readEmail("O'Neil@MÜLLER.example") // { ok: true, email: { address: "O'Neil@xn--mller-kva.example", … } }
 */
export function readEmail(input: unknown): ReadEmail {
  if (typeof input !== 'string') return no('email_empty');
  // A cheap check before anything is parsed; a domain may shrink in its ASCII form, but not to a tenth.
  if (input.length > LONGEST * 2) return no('email_long');
  const text = input.replace(INVISIBLE_ENDS, '');
  if (text === '') return no('email_empty');
  const [mailbox, typedDomain, ...more] = text.split('@');
  if (!mailbox || !typedDomain || more.length > 0) return no('email_form');
  // Letters of other scripts would need SMTPUTF8 (RFC 6531) at every server on the way, and some turn into other
  // letters when their case changes (the Turkish ı).
  if (!MAILBOX.test(mailbox)) return no('email_mailbox');
  const domain = readDomain(typedDomain);
  if (domain === undefined) return no('email_domain');
  const address = `${mailbox}@${domain}`;
  if (mailbox.length > LONGEST_MAILBOX || address.length > LONGEST) return no('email_long');
  const key = address.toLowerCase();
  return { ok: true, email: { address, key, mailbox: mailboxOf(key) } };
}

/** Both domains are Google's, which ignores dots. */
const WITHOUT_DOTS: ReadonlySet<string> = new Set(['gmail.com', 'googlemail.com']);

/**
 * Where mail to an address ends up: usually without what follows a plus (RFC 5233). A host may treat the plus like any
 * other character; then two people share a budget, and two mailboxes of one user do not answer for each other.
 */
function mailboxOf(key: string): string {
  const at = key.lastIndexOf('@');
  const [name, host] = [key.slice(0, at), key.slice(at + 1)];
  const base = name.replace(/(?<=.)\+.*$/s, '');
  return WITHOUT_DOTS.has(host) ? `${base.replaceAll('.', '')}@gmail.com` : `${base}@${host}`;
}

const no = (reason: MalformedReason): Refusal => refuse('malformed', { field: 'address', reason });
