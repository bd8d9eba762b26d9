import type { Router } from 'express';
import { makeLetter, readPaper } from '../../admin/papers';
import { requestDetails, type RequestDetails } from '../../admin/request';
import {
  allStates,
  type Handled,
  handleRequest,
  isVerb,
  judgeEvidence,
  listRequests,
  requestOnForm,
  type RequestList,
  verbs,
  type RequestVerb,
} from '../../admin/requests';
import { refuse, type Missing, type Refusal } from '../../errors';
import { accessLetter } from '../../recovery/letter';
import { parameter } from '../../session/address';
import { field } from '../../session/body';
import { browserInWords } from '../browser-words';
import { leaveNotice } from '../notice';
import { formStatus } from '../page-context';
import {
  type AdminContext,
  afterOf,
  atDesk,
  type Desk,
  listUrl,
  namesOf,
  pageOf,
  refuseAt,
  requestUrl,
  userUrl,
  wrongOf,
  type Wrong,
} from './desk';
import { requestDetailsJson, requestJson } from './json';

const EXTENSIONS = { 'application/pdf': 'pdf', 'image/jpeg': 'jpg', 'image/png': 'png' } as const;

/** The requests that somebody has to decide, and what is done about each. */
export function requestPages(router: Router, context: AdminContext): void {
  const { runtime, respond, renderer, checkCodes } = context.pages;
  const inWords =
    ({ req }: Desk) =>
    (missing: readonly Missing[]) =>
      respond.lacking(req, missing);

  router.get(
    '/requests',
    atDesk(context, async (desk) => {
      const { req, res, office, here } = desk;
      const state = parameter(req, 'state') || null;
      const reference = parameter(req, 'reference');
      const check = parameter(req, 'check') ?? '';
      const isForm = reference !== null;
      const found = isForm
        ? await requestOnForm(office, checkCodes, { reference, check })
        : await listRequests(office, { state, after: afterOf(req) });
      const wrong = found.ok || !isForm ? null : wrongOf(req, 'form', found);
      if (!found.ok && !wrong) return respond.refuse(req, res, found);
      const list: RequestList = found.ok ? found : { ok: true, requests: [], next: null };
      if (respond.wantsJson(req)) {
        const requests = list.requests.map((one) => requestJson(one, inWords(desk)));
        return respond.json(req, res, { requests, next: list.next });
      }
      const [only] = list.requests;
      if (isForm && only) return res.redirect(303, requestUrl(here, only.reference));
      const url = `${here}/requests`;
      respond.page(
        req,
        res,
        'admin-requests',
        {
          ...(await pageOf(context, desk, 'requests', wrong)),
          requests: list.requests.map((one) => ({ ...one, url: requestUrl(here, one.reference) })),
          names: await namesOf(
            office,
            list.requests.map(({ assignedTo }) => assignedTo),
          ),
          state: allStates.find((one) => one === state) ?? null,
          states: allStates,
          typed: { reference: reference ?? '', check },
          nextUrl: list.next === null ? null : listUrl(url, { state, after: list.next }),
          firstUrl: afterOf(req) === null ? null : listUrl(url, { state }),
        },
        found.ok ? 200 : formStatus(found),
      );
    }),
  );

  router.get(
    '/requests/:reference',
    atDesk(context, async (desk) => show(desk)),
  );

  router.post(
    '/requests/:reference/evidence/:id',
    atDesk(context, async (desk) => {
      const { req, office } = desk;
      const { reference, id } = req.params;
      const judging = { verdict: field(req, 'verdict'), note: field(req, 'note') };
      await answer(
        desk,
        String(id),
        null,
        await judgeEvidence(office, String(reference), String(id), judging),
      );
    }),
  );

  router.get(
    '/requests/:reference/evidence/:id/document',
    atDesk(context, async ({ req, res, office }) => {
      const { reference, id } = req.params;
      const read = await readPaper(office, String(reference), String(id));
      if (!read.ok) return respond.refuse(req, res, read);
      const { type, bytes } = read.document;
      res
        .attachment(`${String(reference)}.${EXTENSIONS[type]}`)
        .type(type)
        .send(bytes);
    }),
  );

  router.post(
    '/requests/:reference/letter',
    atDesk(context, async (desk) => {
      const { req, res, office } = desk;
      const asked = { reason: field(req, 'reason'), address: field(req, 'address') };
      const made = await makeLetter(office, String(req.params.reference), asked);
      if (!made.ok) {
        const wrong = wrongOf(req, 'letter', made);
        const url = requestUrl(desk.here, String(req.params.reference));
        return wrong ? show(desk, wrong, formStatus(made)) : refuseAt(context, desk, made, url);
      }
      const { appName, lostAccess } = runtime.options;
      if (!lostAccess) return respond.refuse(req, res, refuse('not_found'));
      const lang = renderer.languageNamed(made.language) ?? renderer.languageOf(req);
      const day = (ms: number): string => renderer.date({ lang, timeZone: null }, ms);
      const file = await accessLetter({
        lang,
        text: renderer.text,
        paper: field(req, 'paper') === 'letter' ? 'letter' : 'a4',
        appName,
        form: lostAccess.form,
        to: made.to,
        reference: made.reference,
        code: made.code,
        date: day(runtime.now()),
        until: day(made.until),
      });
      res.attachment(`${made.reference}.pdf`).type('application/pdf').send(file);
    }),
  );

  router.post(
    '/requests/:reference/:verb',
    atDesk(context, async (desk) => {
      const { req, res, office } = desk;
      const { reference, verb } = req.params;
      if (typeof verb !== 'string' || !isVerb(verb)) return respond.refuse(req, res, refuse('not_found'));
      const handling = { reason: field(req, 'reason'), accountName: field(req, 'accountName') };
      await answer(desk, verb, verb, await handleRequest(office, String(reference), verb, handling));
    }),
  );

  async function answer(
    desk: Desk,
    form: string,
    verb: RequestVerb | null,
    done: Handled | Refusal,
  ): Promise<void> {
    const { req, res, here, loginState } = desk;
    const url = requestUrl(here, String(req.params.reference));
    if (!done.ok) {
      const wrong = wrongOf(req, form, done);
      return wrong ? show(desk, wrong, formStatus(done)) : refuseAt(context, desk, done, url);
    }
    if (respond.wantsJson(req)) return respond.json(req, res, requestJson(done.request, inWords(desk)));
    const lang = renderer.languageOf(req);
    if (verb === null) leaveNotice(req, loginState.login, 'admin_judged');
    else leaveNotice(req, loginState.login, 'admin_handled', renderer.text(lang, `admin.done.${verb}`));
    res.redirect(303, url);
  }

  async function show(desk: Desk, wrong: Wrong | null = null, status = 200): Promise<void> {
    const { req, res, office, here } = desk;
    const reference = String(req.params.reference);
    const details = await requestDetails(office, reference);
    if (!details.ok) return respond.refuse(req, res, details);
    if (respond.wantsJson(req)) return respond.json(req, res, requestDetailsJson(details, inWords(desk)));
    const names = Object.keys(verbs).filter((name) => isVerb(name));
    const { said, known } = details;
    respond.page(
      req,
      res,
      'admin-request',
      {
        ...(await pageOf(context, desk, null, wrong)),
        url: requestUrl(here, reference),
        userUrl: userUrl(here, details.request.user.id),
        details,
        browser: said.browser && browserInWords(renderer, req, said.browser),
        browsers: known.browsers.map((one) => browserInWords(renderer, req, one)),
        verbs: names.filter((name) => details.verbs[name] === null),
        names: await namesOf(office, peopleIn(details)),
        isRecommendedByReader: details.request.recommendedBy === office.by,
      },
      status,
    );
  }
}

/** Those who did something about a request. */
const peopleIn = ({ request, papers }: RequestDetails) => [
  request.assignedTo,
  request.begunBy,
  request.recommendedBy,
  request.approvedBy,
  ...request.evidence.items.map(({ judgedBy }) => judgedBy),
  ...Object.values(papers).map(({ vouchedBy }) => vouchedBy),
];
