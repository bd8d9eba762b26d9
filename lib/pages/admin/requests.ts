import type { Router } from 'express';
import { requestDetails } from '../../admin/request';
import {
  type Handled,
  handleRequest,
  isVerb,
  judgeEvidence,
  listRequests,
  requestOnForm,
} from '../../admin/requests';
import { refuse, type Refusal } from '../../errors';
import { parameter } from '../../session/address';
import { field } from '../../session/body';
import { type AdminContext, afterOf, atDesk, type Desk, refuseAt } from './desk';
import { requestDetailsJson, requestJson } from './json';

/** The requests that somebody has to decide, and what is done about each. */
export function requestPages(router: Router, context: AdminContext): void {
  const { respond } = context.pages;
  const inWords =
    ({ req }: Desk) =>
    (missing: Parameters<typeof respond.lacking>[1]) =>
      respond.lacking(req, missing);

  router.get(
    '/requests',
    atDesk(context, async (desk) => {
      const { req, res, office } = desk;
      const reference = parameter(req, 'reference');
      const found =
        reference === null
          ? await listRequests(office, { state: parameter(req, 'state') || null, after: afterOf(req) })
          : await requestOnForm(office, context.pages.checkCodes, {
              reference,
              check: parameter(req, 'check') ?? '',
            });
      if (!found.ok) return respond.refuse(req, res, found);
      const requests = found.requests.map((one) => requestJson(one, inWords(desk)));
      respond.json(req, res, { requests, next: found.next });
    }),
  );

  router.get(
    '/requests/:reference',
    atDesk(context, async (desk) => {
      const { req, res, office } = desk;
      const details = await requestDetails(office, String(req.params.reference));
      if (!details.ok) return respond.refuse(req, res, details);
      respond.json(req, res, requestDetailsJson(details, inWords(desk)));
    }),
  );

  router.post(
    '/requests/:reference/evidence/:id',
    atDesk(context, async (desk) => {
      const { req, office } = desk;
      const { reference, id } = req.params;
      const judging = { verdict: field(req, 'verdict'), note: field(req, 'note') };
      answer(desk, await judgeEvidence(office, String(reference), String(id), judging));
    }),
  );

  router.post(
    '/requests/:reference/:verb',
    atDesk(context, async (desk) => {
      const { req, res, office } = desk;
      const { reference, verb } = req.params;
      if (typeof verb !== 'string' || !isVerb(verb)) return respond.refuse(req, res, refuse('not_found'));
      const handling = { reason: field(req, 'reason'), accountName: field(req, 'accountName') };
      answer(desk, await handleRequest(office, String(reference), verb, handling));
    }),
  );

  function answer(desk: Desk, done: Handled | Refusal): void {
    const { req, res, here } = desk;
    const url = `${here}/requests/${encodeURIComponent(String(req.params.reference))}`;
    if (!done.ok) return refuseAt(context, desk, done, url);
    respond.json(req, res, requestJson(done.request, inWords(desk)));
  }
}
