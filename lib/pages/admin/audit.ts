import type { Router } from 'express';
import { auditOf } from '../../admin/audit';
import { type AdminContext, atDesk, idIn, userUrl } from './desk';
import { frameOf, namesOf } from './frame';
import { idOf, recordJson } from './json';

/** What was done to an account by others than its owner. */
export function auditPage(router: Router, context: AdminContext): void {
  const { respond, renderer } = context.pages;
  router.get(
    '/users/:id/audit',
    atDesk(context, async (desk) => {
      const { req, res, office, here } = desk;
      const id = idIn(req.params.id);
      const audit = await auditOf(office, context.recordsOf, id);
      if (!audit.ok) return respond.refuse(req, res, audit);
      if (respond.wantsJson(req)) return respond.json(req, res, { records: audit.records.map(recordJson) });
      const lang = renderer.languageOf(req);
      const names = await namesOf(
        office,
        audit.records.map(({ actor }) => (typeof actor === 'string' ? null : actor.id)),
      );
      respond.page(req, res, 'admin-audit', {
        ...(await frameOf(context, desk, null)),
        name: audit.name,
        userUrl: userUrl(here, id),
        isKept: context.keepsRecords,
        records: audit.records.map(({ actor, ...record }) => ({
          ...record,
          actor:
            typeof actor === 'string'
              ? renderer.text(lang, `audit.by.${actor}`)
              : (names[idOf(actor)] ?? idOf(actor)),
        })),
      });
    }),
  );
}
