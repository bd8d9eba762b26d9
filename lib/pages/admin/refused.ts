import type { Request } from 'express';
import type { Refusal } from '../../errors';
import { baseOf, withGoal, withNeed } from '../../session/address';
import { field, textIn } from '../../session/body';
import { isToldByPage } from '../../session/negotiate';
import type { Runtime } from '../../session/runtime';
import { formStatus } from '../page-context';
import { typedBefore, withTyped } from '../typed';
import type { FormError } from '../views';
import type { AdminContext, Desk } from './desk';

/** A form that was not done, for its page to be shown again. */
export interface Wrong {
  readonly form: string;
  /** null: it waited until whoever sent it had proven anew that it is them. */
  readonly error: FormError | null;
  /** What was typed and chosen, by the names of its fields. */
  readonly typed: Readonly<Record<string, string>>;
  /** Who was chosen from a list, by their ids. */
  readonly ids: readonly string[];
}

/**
 * Answers a form that was refused: with its page again, if that is what helps. Whoever has to prove anew that it is them is
 * led there, and back to `back`.
 */
export async function refuseForm(
  context: AdminContext,
  { req, res }: Desk,
  { form, refusal, back }: { readonly form: string; readonly refusal: Refusal; readonly back: string },
  show: (wrong: Wrong, status: number) => Promise<void>,
): Promise<void> {
  const { runtime, respond } = context.pages;
  const wrong = wrongOf(req, form, refusal);
  if (wrong) return show(wrong, formStatus(refusal));
  if (refusal.code !== 'step_up_required') return respond.refuse(req, res, refusal);
  const waiting = JSON.stringify({ form, ...inForm(req) });
  const url = confirmUrl(runtime, req, refusal, withTyped(runtime, req, back, waiting));
  respond.refuse(req, res, { ...(isToldByPage(req) && { reason: 'come_back' }), ...refusal, url });
}

/** Where somebody proves anew that it is them, by what is wanted of them. */
export function confirmUrl(runtime: Runtime, req: Request, { ways = [] }: Refusal, back: string): string {
  const types = ways.includes('webauthn') ? ['webauthn'] : null;
  return withNeed(withGoal(`${baseOf(runtime, req)}/confirm`, back), { types, userVerified: false });
}

/** null: the refusal is not one that the form can mend, or nobody reads a page. */
export function wrongOf(req: Request, form: string, refusal: Refusal): Wrong | null {
  const { code, field: name = null, until } = refusal;
  const isMended = MENDED.has(code) || (form === 'reset' && code === 'slow_down');
  if (!isMended || !isToldByPage(req)) return null;
  return {
    form,
    error: {
      code: code === 'malformed' ? malformedIn(form, name) : whyNot(form, refusal),
      field: name,
      ...(until !== undefined && { until }),
    },
    ...inForm(req),
  };
}

/** What was typed and chosen. */
function inForm(req: Request): Pick<Wrong, 'typed' | 'ids'> {
  const given = KEPT.map((name) => [name, textIn(req, name).slice(0, 1000)] as const).filter(
    ([, value]) => value !== '',
  );
  const ids = [field(req, 'ids')].flat().filter((id) => typeof id === 'string');
  return { typed: Object.fromEntries(given), ids };
}

/** The form of this page that waited for a proof. */
export function waitingForm(runtime: Runtime, req: Request): Wrong | null {
  const sealed = typedBefore(runtime, req);
  // Only what we sealed ourselves, for this user and this page, can be opened.
  return sealed === null ? null : { ...(JSON.parse(sealed) as Omit<Wrong, 'error'>), error: null };
}

const KEPT = ['reason', 'note', 'verdict', 'because', 'accountName', 'address', 'factorId'];

const MENDED: ReadonlySet<string> = new Set(['malformed', 'conflict', 'not_yet']);

function malformedIn(form: string, name: string | null): string {
  if (form === 'more-info' && name === 'reason') return 'admin_words';
  return (name === null ? undefined : OF_FIELDS[name]) ?? 'malformed';
}

const OF_FIELDS: Readonly<Record<string, string>> = {
  reason: 'admin_reason',
  note: 'admin_note',
  verdict: 'admin_verdict',
  check: 'admin_check',
  because: 'admin_because',
  accountName: 'account_name',
  address: 'admin_address',
  ids: 'admin_ids',
};

/** Why something can't be done for a user, as the catalogue calls it. */
export function whyNot(form: string, { code, reason, state, missing = [] }: Refusal): string {
  if (reason !== undefined) return reason;
  if (state === 'never' || state === 'paused') return `admin_${state}`;
  if (form === 'reset' && state !== undefined) return 'admin_open';
  return missing.includes('mail_on_file') ? 'admin_mail_on_file' : `admin_${code}`;
}
