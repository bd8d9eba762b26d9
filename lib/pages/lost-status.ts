import type { Request, Response, Router } from 'express';
import { type EvidenceKind, isOpen, knowsPassword, type Recovery, type Reply } from '../account/recovery';
import { type Refusal, statusOfCode } from '../errors';
import type { Prefill } from '../recovery/form-content';
import { counts } from '../recovery/points';
import {
  addEvidence,
  confirmContact,
  type Found,
  isTaking,
  renewTicket,
  resendContactCode,
  sendEvidenceCode,
  standingShown,
  withdraw,
} from '../recovery/requests';
import { type Stepped, whyLonger } from '../recovery/step';
import { lapsesAt } from '../recovery/transitions';
import { countVisit } from '../recovery/visits';
import { baseOf, parameter } from '../session/address';
import { userName } from '../session/app-functions';
import { field } from '../session/body';
import { isMultipart } from '../session/negotiate';
import type { RequestScope } from '../session/runtime';
import { filesAt } from './lost';
import { addDocument } from './lost-document';
import { factsInForm, readOffered } from './lost-evidence';
import { createLostForm } from './lost-form';
import { maskName } from './mask';
import { pageOfRequest } from './open-page';
import { fieldError, formStatus, iso, type PageContext, stepsJson } from './page-context';
import { languageOf } from './sending';
import type { LostStatusView } from './views';

const path = '/lost/requests/:token';

type Work = (req: Request, res: Response, scope: RequestScope, found: Found) => Promise<void>;
/** What was sent, and so where an error belongs. */
type Part = EvidenceKind | 'contact' | null;

/** The address of one request: it shows how far that is, takes what is added, and signs nobody in. */
export function statusPages(router: Router, context: PageContext): void {
  const { runtime, respond, renderer, checkCodes } = context;
  const form = createLostForm(context);
  const ofRequest = (work: Work) => pageOfRequest(context, 'status', work);

  router.get(
    path,
    ofRequest(async (req, res, scope, found) => shown(req, res, scope, found, 200)),
  );
  router.get(
    [`${path}/form.pdf`, `${path}/form.html`],
    ofRequest(async (req, res, scope, found) => {
      const wanted = form.wanted(req);
      if (!('paper' in wanted)) return respond.refuse(req, res, wanted);
      const tooMany = await countVisit(scope, 'lost_form');
      if (tooMany) return respond.refuse(req, res, tooMany);
      const prefill = await prefillOf(req, scope, found, wanted.lang);
      if (req.path.endsWith('.html')) return form.sendPage(req, res, wanted, prefill, statusUrlOf(req));
      form.sendFile(res, wanted, prefill, await form.file(wanted, prefill));
    }),
  );
  router.post(
    `${path}/contact`,
    ofRequest(async (req, res, scope, found) => {
      const code = field(req, 'code');
      if (code === undefined)
        return sent(req, res, scope, found, 'contact', await resendContactCode(scope, found, speaking(req)));
      stepped(req, res, scope, found, 'contact', await confirmContact(scope, found, code));
    }),
  );
  router.post(
    `${path}/evidence`,
    ofRequest(async (req, res, scope, found) => {
      if (isMultipart(req))
        return stepped(req, res, scope, found, 'identity', await addDocument(scope, req, res, found), 202);
      const offered = readOffered(req, runtime.browser.tokensOf(req));
      if (!offered.ok) return refused(req, res, scope, found, offered.kind, offered);
      if (!('codeFor' in offered)) {
        const { given } = offered;
        return stepped(req, res, scope, found, given.kind, await addEvidence(scope, found, given), 202);
      }
      const { codeFor } = offered;
      sent(req, res, scope, found, codeFor, await sendEvidenceCode(scope, found, codeFor, speaking(req)));
    }),
  );
  router.post(
    `${path}/withdraw`,
    ofRequest(async (req, res, scope, found) =>
      stepped(req, res, scope, found, null, await withdraw(scope, found)),
    ),
  );
  router.post(
    `${path}/ticket`,
    ofRequest(async (req, res, scope, found) =>
      stepped(req, res, scope, found, null, await renewTicket(scope, found)),
    ),
  );

  const speaking = (req: Request) => languageOf(context, req);

  const statusUrlOf = (req: Request): string =>
    `${baseOf(runtime, req)}/lost/requests/${String(req.params.token)}`;

  async function prefillOf(req: Request, scope: RequestScope, found: Found, lang: string): Promise<Prefill> {
    const { reference, startedAt, timeZone } = found.request;
    return {
      reference,
      checkCode: checkCodes.of(reference),
      account: await nameOf(scope, found),
      statusUrl: runtime.options.origin.origin + statusUrlOf(req),
      date: renderer.date({ lang, timeZone }, startedAt),
    };
  }

  /** Masked; only for whoever has proven the password, as it says whose account this is. */
  async function nameOf(
    scope: RequestScope,
    { account: { userId }, request }: Found,
  ): Promise<string | null> {
    const { users } = runtime.options;
    if (!users.byId || !knowsPassword(request)) return null;
    const user: unknown = await scope.inTime('users.byId', async () => users.byId?.(userId));
    return user === null || user === undefined ? null : maskName(userName(runtime, user, userId));
  }

  /** Not where to: whoever asks need not know what is on file, nor whether anything is. */
  function sent(
    req: Request,
    res: Response,
    scope: RequestScope,
    found: Found,
    what: 'contact' | 'mail' | 'phone',
    done: { readonly ok: true } | Refusal,
  ): void {
    if (!done.ok) return refused(req, res, scope, found, what, done);
    if (respond.wantsJson(req)) return respond.json(req, res, { status: 'sent' }, 202);
    res.redirect(303, `${statusUrlOf(req)}?sent=${what}`);
  }

  function stepped(
    req: Request,
    res: Response,
    scope: RequestScope,
    found: Found,
    part: Part,
    done: Stepped | Refusal,
    status = 200,
  ): void {
    if (!done.ok) return refused(req, res, scope, found, part, done);
    if (respond.wantsJson(req)) return shown(req, res, scope, done, status);
    const added = OFFERED.find((kind) => kind === part);
    res.redirect(303, added ? `${statusUrlOf(req)}?added=${added}` : statusUrlOf(req));
  }

  function refused(
    req: Request,
    res: Response,
    scope: RequestScope,
    found: Found,
    part: Part,
    refusal: Refusal,
  ): void {
    // Whoever clicked twice keeps the page, whose address is all that they have.
    const isOutOfOrder = refusal.code === 'conflict';
    if (respond.wantsJson(req) || (part === null && !isOutOfOrder)) return respond.refuse(req, res, refusal);
    if (refusal.retryAfter !== undefined) res.set('Retry-After', String(refusal.retryAfter));
    const status = isOutOfOrder ? statusOfCode.conflict : formStatus(refusal);
    shown(req, res, scope, found, status, { part, refusal });
  }

  function shown(
    req: Request,
    res: Response,
    scope: RequestScope,
    found: Found,
    status: number,
    failed: { readonly part: Part; readonly refusal: Refusal } | null = null,
  ): void {
    if (!respond.wantsJson(req))
      return respond.page(req, res, 'lost-status', viewOf(req, scope, found, failed), status);
    const { reference, state, earliestAt = null, steps, reply } = found.request;
    const { sum = 0, needed = 0, kinds = [], missing = [] } = standingShown(scope, found) ?? {};
    const answer = {
      reference,
      state,
      evidence: { sum, needed, kinds, missing: respond.lackingFor(req)(missing) },
      earliestAt: iso(earliestAt),
      steps: stepsJson(steps),
      ...(reply && { message: inWords(renderer.languageOf(req), reply) }),
    };
    respond.json(req, res, answer, status);
  }

  /** What a reviewer says, in the language of whoever reads it. */
  const inWords = (lang: string, { because, text }: Reply): string =>
    [...(because ? [renderer.text(lang, `reply.${because}`)] : []), ...(text ? [text] : [])].join('\n');

  function viewOf(
    req: Request,
    scope: RequestScope,
    found: Found,
    failed: { readonly part: Part; readonly refusal: Refusal } | null,
  ): LostStatusView {
    const { request } = found;
    const { reference, state, earliestAt = null, steps, contact, evidence } = request;
    const { points, needed = 0, kinds: least = 0 } = runtime.settings.recovery?.evidence ?? {};
    const { sum = 0, missing = [] } = standingShown(scope, found) ?? {};
    const url = statusUrlOf(req);
    const lapses = lapsesAt(request);
    const isOffered = offering(scope, found);
    return {
      reference,
      checkCode: checkCodes.of(reference),
      state,
      reply: request.reply ?? null,
      steps,
      earliestAt,
      longer: whyLonger(request, found.account),
      lapsesAt: Number.isFinite(lapses) ? lapses : null,
      contact: contact.hint,
      sum,
      needed,
      least,
      missing: missing.map((what) => ({ what })),
      given: givenIn(request),
      offers: isTaking(state)
        ? OFFERED.filter((kind) => isOffered(kind) && mayHelp(request, kind)).map((kind) => ({
            kind,
            points: points?.[kind] ?? 0,
            isGiven: evidence.some((item) => item.kind === kind),
          }))
        : [],
      sent: SENT.find((what) => what === parameter(req, 'sent')) ?? null,
      added: addedBy(req, request),
      mostBytes: scope.documents?.maxBytes ?? 0,
      typed: {
        facts: wordsIn(factsInForm(req.body)),
        voucher: wordsIn({ user: field(req, 'user') }).user ?? '',
      },
      canWithdraw: isOpen(request),
      url,
      ...filesAt(`${url}/form.pdf`, renderer.languageOf(req)),
      sendTo: form.about(null).form.sendTo,
      error: failed && shownError(failed.part, failed.refusal),
    };
  }

  /** What can be given at all here, and by this request. */
  const offering =
    ({ settings, delivery, documents }: RequestScope, { request }: Found) =>
    (kind: EvidenceKind): boolean => {
      if (!settings.recovery?.evidence.points[kind]) return false;
      if (kind === 'mail') return delivery.reaches('email');
      if (kind === 'phone') return delivery.reaches('sms');
      if (kind === 'voucher') return runtime.options.users.peers !== undefined;
      if (kind === 'identity') return documents !== null;
      return kind !== 'letter' || request.letter !== undefined;
    };

  function shownError(part: Part, refusal: Refusal): LostStatusView['error'] {
    const error = fieldError(refusal, runtime.now());
    return { ...error, field: `${part ?? 'request'}-${error.field}` };
  }
}

/** Each kind once, in the order in which they were given. */
const givenIn = ({ evidence }: Recovery): LostStatusView['given'] =>
  [...new Set(evidence.map(({ kind }) => kind))].map((kind) => {
    const items = evidence.filter((item) => item.kind === kind);
    return { kind, times: items.length, counts: items.some(counts) };
  });

/** A link may say so of anything. */
function addedBy(req: Request, { evidence }: Recovery): LostStatusView['added'] {
  const kind = OFFERED.find((what) => what === parameter(req, 'added'));
  const isGiven = evidence.some((item) => item.kind === kind);
  return kind !== undefined && (isGiven || kind === 'browser') ? { kind, isGiven } : null;
}

/** Of these, people may give several. */
const SEVERAL: ReadonlySet<EvidenceKind> = new Set<EvidenceKind>(['identity', 'voucher']);

/**
 * Whether more of a kind may make a difference. A kind counts once; what waits for a verdict is not asked for again, nor, so
 * that nobody learns the verdict from it, what was found not to match, until more is asked for.
 */
function mayHelp({ evidence, state }: Recovery, kind: EvidenceKind): boolean {
  const given = evidence.filter((item) => item.kind === kind);
  if (given.some(counts)) return false;
  return given.length === 0 || SEVERAL.has(kind) || state === 'more_info';
}

/** The text among values of a form. */
const wordsIn = (given: Readonly<Record<string, unknown>>): Readonly<Record<string, string>> =>
  Object.fromEntries(
    Object.entries(given).flatMap(([name, value]) => (typeof value === 'string' ? [[name, value]] : [])),
  );

const SENT = ['contact', 'mail', 'phone'] as const;

/** What people can give here, the easiest first. */
const OFFERED = [
  'mail',
  'phone',
  'browser',
  'invoice',
  'voucher',
  'letter',
  'identity',
  'video',
  'certified',
  'esign',
] as const satisfies readonly EvidenceKind[];
