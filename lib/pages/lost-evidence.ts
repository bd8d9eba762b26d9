import type { Request } from 'express';
import type { EvidenceKind } from '../account/recovery';
import { refuse, type Refusal } from '../errors';
import type { Given } from '../recovery/requests';
import { field } from '../session/body';

/** What somebody wants to add to their request: evidence, or that a code is sent which will be. */
export type Offered =
  { readonly ok: true; readonly given: Given } | { readonly ok: true; readonly codeFor: 'mail' | 'phone' };

const MOST_FACTS = 10;
const LONGEST = 200;
/** Before the name of a fact, in the field of a form. */
const FACT = 'fact-';

/** What was sent, checked and bounded; a document comes another way. */
export function readOffered(
  req: Request,
  tokens: readonly string[],
): Offered | (Refusal & { readonly kind: EvidenceKind | null }) {
  const kind = field(req, 'kind');
  switch (kind) {
    case 'mail':
    case 'phone': {
      const code = field(req, 'code');
      return code === undefined ? { ok: true, codeFor: kind } : given({ kind, code });
    }
    case 'browser':
      return given({ kind, tokens });
    case 'invoice': {
      const facts = factsOf(field(req, 'facts') ?? factsInForm(req.body));
      return facts ? given({ kind, facts }) : malformed('invoice', 'facts');
    }
    case 'voucher': {
      const user = lineOf(field(req, 'user'));
      return user === null ? malformed('voucher', 'user') : given({ kind, user });
    }
    case 'video':
    case 'certified':
    case 'esign':
      return given({ kind });
    case 'letter':
      return given({ kind, code: field(req, 'code') });
    default:
      return kind === 'identity' ? malformed(kind, 'file') : malformed(null, 'kind');
  }
}

const malformed = (kind: EvidenceKind | null, name: string) => ({
  ...refuse('malformed', { field: name }),
  kind,
});

const given = (what: Given): Offered => ({ ok: true, given: what });

const lineOf = (typed: unknown): string | null => {
  const line = typeof typed === 'string' ? typed.trim() : '';
  return line === '' || line.length > LONGEST ? null : line;
};

/** What is said of an invoice: names and values as people give them. What is left empty says nothing. */
function factsOf(input: unknown): Readonly<Record<string, string>> | null {
  if (typeof input !== 'object' || input === null || Array.isArray(input)) return null;
  const all = Object.entries(input).filter(([, value]) => value !== '');
  if (all.length === 0 || all.length > MOST_FACTS) return null;
  const read = all.flatMap(([name, value]) => {
    const [key, line] = [lineOf(name), lineOf(value)];
    return key === null || line === null ? [] : [[key, line] as const];
  });
  return read.length === all.length ? Object.fromEntries(read) : null;
}

/** What was typed into the form for an invoice. */
export const factsInForm = (body: unknown): Readonly<Record<string, unknown>> =>
  Object.fromEntries(
    Object.entries(typeof body === 'object' && body !== null ? body : {}).flatMap(([name, value]) =>
      name.startsWith(FACT) ? [[name.slice(FACT.length), value]] : [],
    ),
  );
