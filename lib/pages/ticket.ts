import type { Request, RequestHandler, Response, Router } from 'express';
import {
  findTicket,
  readTicketId,
  sendTicketCode,
  type TicketProof,
  ticketCode,
  useTicket,
} from '../recovery/ticket';
import type { Found } from '../recovery/requests';
import { randomLoginId } from '../crypto/random';
import { refuse, type Refusal } from '../errors';
import { askedPath } from '../session/address';
import { userById } from '../session/app-functions';
import { field } from '../session/body';
import { enrolUrl, enterToEnrol } from '../session/enrol';
import { scopeOf } from '../session/request-state';
import { refuseForeignByToken } from './csrf';
import { formError, formStatus, handler, iso, type PageContext } from './page-context';
import { languageOf, sentJson, viewOf } from './sending';

const path = '/lost/ticket/:token';
const gone = refuse('not_found', { reason: 'ticket_gone' });
/** No app has a longer password (NIST SP 800-63B-4 §3.1.1.2 asks for at least 64). */
const LONGEST_PASSWORD = 1024;

/**
 * The link to set up new factors. Opening it only shows, because mail filters open links too; and it is not enough by
 * itself, because whoever reads the mail has it.
 */
export function ticketPages(router: Router, context: PageContext): void {
  const { runtime, respond } = context;
  const { users } = runtime.options;
  const hasPassword = users.checkPassword !== undefined && users.byId !== undefined;

  router.get(
    path,
    opened(context, (req, res, link) => show(req, res, link, null)),
  );
  router.post(
    `${path}/send`,
    opened(context, async (req, res, link) => {
      const language = languageOf(context, req);
      const sent = await sendTicketCode(scopeOf(runtime, req), link.found, link.ticketId, language);
      if (respond.wantsJson(req))
        return sent.ok ? respond.json(req, res, sentJson(sent)) : respond.refuse(req, res, sent);
      if (!sent.ok) return show(req, res, link, { field: 'send', ...sent });
      res.redirect(303, ticketUrl(req));
    }),
  );
  router.post(
    path,
    opened(context, async (req, res, link) => {
      const { found, ticketId } = link;
      const proof = await readProof(req, found);
      if ('ok' in proof) return refused(req, res, link, proof);
      const loginId = randomLoginId();
      const used = await useTicket(scopeOf(runtime, req), found, ticketId, proof, loginId);
      if (!used.ok) return refused(req, res, link, used);
      await enterToEnrol(runtime, req, used.account, used.request, loginId);
      const url = enrolUrl(runtime, req);
      if (respond.wantsJson(req)) return respond.json(req, res, { status: 'enrol', url });
      res.redirect(303, url);
    }),
  );

  /** A password only where the app can check it; a field that was left empty was not given. */
  async function readProof(req: Request, { account }: Found): Promise<TicketProof | Refusal> {
    const [password, code] = [field(req, 'password'), field(req, 'code')].map((one) =>
      one === '' ? undefined : one,
    );
    if (!hasPassword || password === undefined) return { code, password: null };
    if (typeof password !== 'string' || password.length > LONGEST_PASSWORD)
      return refuse('malformed', { field: 'password' });
    const user = await userById(runtime, req, account.userId);
    if (user === null) return { code, password: null };
    const { inTime } = scopeOf(runtime, req);
    const ask = async () => {
      const isRight: unknown = await users.checkPassword?.(user, password);
      return isRight === true;
    };
    return { password: () => inTime('users.checkPassword', ask) };
  }

  function refused(req: Request, res: Response, link: Link, refusal: Refusal): Promise<void> | void {
    if (refusal.code === 'not_found') return respond.refuse(req, res, gone);
    if (respond.wantsJson(req)) return respond.refuse(req, res, refusal, [fieldOf(req)]);
    if (refusal.triesLeft === 0) return respond.refuse(req, res, gone);
    return show(req, res, link, refusal);
  }

  /** Which of the two forms was sent. */
  const fieldOf = (req: Request): 'password' | 'code' =>
    field(req, 'code') === undefined ? 'password' : 'code';

  async function show(req: Request, res: Response, link: Link, refusal: Refusal | null): Promise<void> {
    const { found, ticketId } = link;
    const code = await ticketCode(scopeOf(runtime, req), found, ticketId);
    const expiresAt = found.request.ticket?.until ?? null;
    if (respond.wantsJson(req))
      return respond.json(req, res, {
        status: 'ready',
        password: hasPassword,
        code: code !== null,
        expiresAt: iso(expiresAt),
      });
    const sent = code?.sent ?? null;
    const error = refusal && formError({ field: fieldOf(req), ...refusal }, runtime.now());
    if (refusal?.retryAfter !== undefined) res.set('Retry-After', String(refusal.retryAfter));
    respond.page(
      req,
      res,
      'ticket',
      {
        action: ticketUrl(req),
        reference: found.request.reference,
        until: expiresAt,
        password: hasPassword,
        code: code && {
          type: `otp-${code.channel}`,
          sent: sent && viewOf(sent, runtime.now()),
          sendUrl: `${ticketUrl(req)}/send`,
        },
        error,
      },
      refusal ? formStatus(refusal) : 200,
    );
  }

  const ticketUrl = (req: Request): string => askedPath(runtime, req).replace(/\/send$/, '');
}

/** A link that still works. */
interface Link {
  readonly found: Found;
  readonly ticketId: string;
}

type Work = (req: Request, res: Response, link: Link) => Promise<void> | void;

const opened =
  (context: PageContext, work: Work): RequestHandler =>
  (req, res, next) =>
    handler(context, async (_req, _res, scope) => {
      const { runtime, respond } = context;
      const foreign = refuseForeignByToken(runtime, req);
      if (foreign) return respond.refuse(req, res, foreign);
      const target = context.links.open('ticket', req.params.token);
      const ticket = target && { userId: target.userId, ...readTicketId(target.id) };
      const found = ticket && (await findTicket(scope, ticket));
      if (!found) return respond.refuse(req, res, gone);
      await work(req, res, { found, ticketId: ticket.ticketId });
    })(req, res, next);
