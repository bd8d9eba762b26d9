import type { Router } from 'express';
import { allStates, listRequests, requestOnForm, type RequestList } from '../../admin/requests';
import { parameter } from '../../session/address';
import { formStatus } from '../page-context';
import { type AdminContext, afterOf, atDesk, requestUrl } from './desk';
import { frameOf, namesOf, pagesOf } from './frame';
import { requestJson } from './json';
import { wrongOf } from './refused';

/** The requests that somebody has to decide, and the one on a form that came in. */
export function requestsPage(router: Router, context: AdminContext): void {
  const { respond, checkCodes } = context.pages;

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
        const inWords = respond.lackingFor(req);
        const requests = list.requests.map((one) => requestJson(one, inWords));
        return respond.json(req, res, { requests, next: list.next });
      }
      const [only] = list.requests;
      if (isForm && only) return res.redirect(303, requestUrl(here, only.reference));
      respond.page(
        req,
        res,
        'admin-requests',
        {
          ...(await frameOf(context, desk, 'requests', wrong)),
          ...pagesOf(desk, `${here}/requests`, { state }, list.next),
          requests: list.requests.map((one) => ({ ...one, url: requestUrl(here, one.reference) })),
          names: await namesOf(
            office,
            list.requests.map(({ assignedTo }) => assignedTo),
          ),
          state: allStates.find((one) => one === state) ?? null,
          states: allStates,
          typed: { reference: reference ?? '', check },
        },
        found.ok ? 200 : formStatus(found),
      );
    }),
  );
}
