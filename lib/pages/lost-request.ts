import type { Request, Router } from 'express';
import { beginRequest, type Begun, readAsked } from '../recovery/begin';
import { countVisit } from '../recovery/visits';
import { baseOf } from '../session/address';
import { timeZoneOf } from '../session/app-functions';
import { field } from '../session/body';
import { refuseForeignByHeaders } from './csrf';
import { openPage } from './open-page';
import type { PageContext } from './page-context';
import { languageOf } from './sending';
import { whoIsMeant } from './who-is-meant';

const path = '/lost/requests';

/** Where access is asked for. */
export function startPages(router: Router, context: PageContext): void {
  const { runtime, respond, checkCodes, links } = context;

  router.post(
    path,
    openPage(context, refuseForeignByHeaders, async (req, res, scope) => {
      const asked = readAsked(scope, {
        lost: field(req, 'lost'),
        contact: field(req, 'contact'),
        text: field(req, 'text'),
      });
      if (!asked.ok) return respond.refuse(req, res, asked);
      const meant = (await countVisit(scope, 'lost_access')) ?? (await whoIsMeant(runtime, req, scope));
      if (!meant.ok) return respond.refuse(req, res, meant);
      const asker = {
        ...meant,
        tokens: runtime.browser.tokensOf(req),
        language: languageOf(context, req),
        timeZone: timeZoneOf(runtime, req),
      };
      const begun = await beginRequest(scope, asker, asked);
      if (!begun.ok) return respond.refuse(req, res, begun);
      const statusUrl = statusUrlOf(req, begun);
      if (!respond.wantsJson(req)) return res.redirect(303, statusUrl);
      const { reference, route } = begun.request;
      const answer = {
        reference,
        checkCode: checkCodes.of(reference),
        statusUrl,
        formUrl: `${statusUrl}/form.pdf`,
        // Whoever has not proven the password must not learn what is on file.
        route: meant.login ? route : null,
      };
      respond.json(req, res, answer, 202);
    }),
  );

  const statusUrlOf = (req: Request, { userId, request: { id } }: Begun): string =>
    `${baseOf(runtime, req)}${path}/${links.make('status', { userId, id })}`;
}
