import type { Request, Response, Router } from 'express';
import type { UserId } from '../account/account';
import { typesOf } from '../core/kind';
import { type Refusal, refuse } from '../errors';
import { baseOf, parameter, withParameters } from '../session/address';
import { userName } from '../session/app-functions';
import { scopeOf } from '../session/request-state';
import { type ActivityEntry, type ActivityName, type ActivityQuery, MOST_ENTRIES } from '../stores/activity';
import { entryInWords } from './activity-words';
import { csvOf } from './csv';
import { datedFileName } from './file-name';
import { completeLogin } from './guard';
import { handler, iso, type PageContext, type PagedKinds } from './page-context';
import type { ActivityEntryView, ActivityGlance } from './views';

const PAGE = 50;
const DAY = 86_400_000;
const path = '/security/activity';

/** What happened, page by page, and the whole of it as a download. */
export function activityPages(router: Router, context: PageContext): void {
  const { runtime, respond, renderer, activity } = context;
  if (!activity) return;
  const list = (req: Request, userId: UserId, query: ActivityQuery) =>
    scopeOf(runtime, req).storeInTime('activity', () => activity.list(userId, query));

  router.get(
    path,
    handler(context, async (req, res, scope) => {
      const found = await completeLogin(context, req, res, scope);
      if (!found) return;
      const wanted = readQuery(context.kinds, req);
      if (!wanted.ok) return respond.refuse(req, res, wanted);
      const { before, type } = wanted;
      // One more than is shown says whether there are more.
      const read = await list(req, found.account.userId, { before, type, limit: PAGE + 1 });
      const entries = read.slice(0, PAGE);
      const next = read.length > PAGE ? (entries.at(-1)?.id ?? null) : null;
      const events = inWords(req, entries);
      if (respond.wantsJson(req)) return respond.json(req, res, { events: events.map(inJson), next });
      const security = `${baseOf(runtime, req)}/security`;
      const here = `${security}/activity`;
      respond.page(req, res, 'activity', {
        entries: events,
        kinds: typesOf(context.kinds).map((one) => ({ type: one, isChosen: one === type })),
        action: here,
        olderUrl: next && withParameters(here, { type, before: next }),
        newestUrl: before === undefined ? null : withParameters(here, { type }),
        csvUrl: `${security}/activity.csv`,
        jsonUrl: `${security}/activity.json`,
        days: activity.keep && Math.floor(activity.keep / DAY),
        signOutEverywhereUrl: `${security}/sign-out-everywhere`,
        backUrl: security,
      });
    }),
  );

  download('json', (req, res, entries) => {
    respond.json(req, res, { events: inWords(req, entries).map(inJson) });
  });

  download('csv', (req, res, entries) => {
    const rows = inWords(req, entries)
      .map(inJson)
      .map((event) => COLUMNS.map((column) => event[column] ?? ''));
    res.type('text/csv; charset=utf-8').send(csvOf([COLUMNS, ...rows]));
  });

  function download(
    ending: 'csv' | 'json',
    send: (req: Request, res: Response, entries: readonly ActivityEntry[]) => void,
  ): void {
    router.get(
      `${path}.${ending}`,
      handler(context, async (req, res, scope) => {
        const found = await completeLogin(context, req, res, scope);
        if (!found) return;
        const { loginState, account } = found;
        const entries = await list(req, account.userId, { limit: MOST_ENTRIES });
        const user = userName(runtime, loginState.seam.userOf(req), account.userId);
        res.attachment(datedFileName([runtime.options.appName, 'activity', user], runtime.now(), ending));
        send(req, res, entries);
      }),
    );
  }

  const inWords = (req: Request, entries: readonly ActivityEntry[]): ActivityEntryView[] =>
    entries.map((entry) => entryInWords(renderer, req, entry));
}

const COLUMNS = ['at', 'name', 'result', 'type', 'label', 'browser', 'address', 'id'] as const;

/** Neither the login nor the app's own id of the request is anybody's business but the app's. */
const inJson = ({ id, at, name, type, label, browser, address, result }: ActivityEntryView) => ({
  id,
  at: iso(at),
  name,
  ...(type !== null && { type }),
  ...(label !== null && { label }),
  browser,
  address,
  result,
});

type Wanted = { readonly ok: true } & Pick<ActivityQuery, 'before' | 'type'>;

function readQuery(kinds: PagedKinds, req: Request): Wanted | Refusal {
  const before = parameter(req, 'before') || undefined;
  if (before !== undefined && !/^[\da-f-]{36}$/.test(before)) return refuse('malformed', { field: 'before' });
  const given = parameter(req, 'type') || undefined;
  const type = typesOf(kinds).find((one) => one === given);
  if (given !== type) return refuse('malformed', { field: 'type' });
  return { ok: true, before, type };
}

/** What changes how its user signs in. */
const CHANGES: ReadonlySet<ActivityName> = new Set([
  'two-factor.enabled',
  'two-factor.disabled',
  'factor.added',
  'factor.removed',
  'factor.restored',
  'factor.renamed',
  'backup-codes.made',
  'change.objected',
]);

/** One line about it for "Security and login", which does not need it. */
export async function activityGlance(
  { runtime, activity }: PageContext,
  userId: UserId,
  security: string,
): Promise<ActivityGlance | null> {
  if (!activity) return null;
  const newest = await activity.glance(userId, PAGE);
  const lastChange = newest?.find(({ name }) => CHANGES.has(name))?.at ?? null;
  return { url: `${security}/activity`, lastChange, now: runtime.now() };
}
