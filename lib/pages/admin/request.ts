import type { Router } from 'express';
import { findPaper, makeLetter, openPaper } from '../../admin/papers';
import { requestDetails, type RequestDetails } from '../../admin/request';
import {
  type Handled,
  handleRequest,
  isVerb,
  judgeEvidence,
  verbs,
  type RequestVerb,
} from '../../admin/requests';
import { refuse, type Refusal } from '../../errors';
import { accessLetter } from '../../recovery/letter';
import { rejectCodes } from '../../recovery/replies';
import { field } from '../../session/body';
import { browserInWords } from '../browser-words';
import { isFromElsewhere } from '../csrf';
import { leaveNotice } from '../notice';
import { type AdminContext, atDesk, type Desk, requestUrl, userUrl } from './desk';
import { frameOf, namesOf } from './frame';
import { requestDetailsJson, requestJson } from './json';
import { refuseForm, type Wrong } from './refused';

const EXTENSIONS = { 'application/pdf': 'pdf', 'image/jpeg': 'jpg', 'image/png': 'png' } as const;

/** One request, and what is done about it. */
export function requestPage(router: Router, context: AdminContext): void {
  const { runtime, respond, renderer } = context.pages;

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
      const judged = await judgeEvidence(office, String(reference), String(id), judging);
      await answer(desk, String(id), null, judged);
    }),
  );

  router.get(
    '/requests/:reference/evidence/:id/document',
    atDesk(context, async ({ req, res, office }) => {
      // Who looks is on record, so nobody may be made to look by a link on another page.
      if (isFromElsewhere(req)) return respond.refuse(req, res, refuse('bad_origin'));
      const { reference, id } = req.params;
      const found = await findPaper(office, String(reference), String(id));
      if (!found.ok) return respond.refuse(req, res, found);
      if (req.method === 'HEAD') return void res.type(found.file.type).end();
      const opened = await openPaper(office, found);
      if (!opened.ok) return respond.refuse(req, res, opened);
      const { type, bytes } = opened.document;
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
      if (!made.ok) return refused(desk, 'letter', made);
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
      const handling = {
        reason: field(req, 'reason'),
        accountName: field(req, 'accountName'),
        because: field(req, 'because'),
      };
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
    if (!done.ok) return refused(desk, form, done);
    if (respond.wantsJson(req))
      return respond.json(req, res, requestJson(done.request, respond.lackingFor(req)));
    const lang = renderer.languageOf(req);
    if (verb === null) leaveNotice(req, loginState.login, 'admin_judged');
    else leaveNotice(req, loginState.login, 'admin_handled', renderer.text(lang, `admin.done.${verb}`));
    res.redirect(303, requestUrl(here, String(req.params.reference)));
  }

  const refused = (desk: Desk, form: string, refusal: Refusal): Promise<void> =>
    refuseForm(
      context,
      desk,
      { form, refusal, back: requestUrl(desk.here, String(desk.req.params.reference)) },
      (wrong, status) => show(desk, wrong, status),
    );

  async function show(desk: Desk, wrong: Wrong | null = null, status = 200): Promise<void> {
    const { req, res, office, here } = desk;
    const reference = String(req.params.reference);
    const details = await requestDetails(office, reference);
    if (!details.ok) return respond.refuse(req, res, details);
    if (respond.wantsJson(req))
      return respond.json(req, res, requestDetailsJson(details, respond.lackingFor(req)));
    const names = Object.keys(verbs).filter((name) => isVerb(name));
    const { said, known } = details;
    respond.page(
      req,
      res,
      'admin-request',
      {
        ...(await frameOf(context, desk, null, wrong)),
        url: requestUrl(here, reference),
        userUrl: userUrl(here, details.request.user.id),
        details,
        browser: said.browser && browserInWords(renderer, req, said.browser),
        browsers: known.browsers.map((one) => browserInWords(renderer, req, one)),
        verbs: names.filter((name) => details.verbs[name] === null),
        becauses: { 'more-info': details.asks, reject: rejectCodes },
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
