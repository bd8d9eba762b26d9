import type { UserId } from '../../account/account';
import type { Office } from '../../admin/office';
import { askedFor, withParameters } from '../../session/address';
import { takeNotice } from '../notice';
import { type AdminContext, afterOf, type Desk } from './desk';
import { confirmUrl, waitingForm, type Wrong } from './refused';

/** What every page of an administrator shows. */
export async function frameOf(
  { pages: { runtime } }: AdminContext,
  { req, office, loginState, here }: Desk,
  current: 'users' | 'without' | 'requests' | null,
  wrong: Wrong | null = null,
) {
  const stale = await office.refuseStale();
  const back = req.method === 'GET' ? askedFor(runtime, req) : null;
  return {
    here,
    current,
    notice: takeNotice(req, loginState.login),
    confirmUrl:
      stale?.code === 'step_up_required' ? confirmUrl(runtime, req, stale, back ?? `${here}/requests`) : null,
    wrong: wrong ?? waitingForm(runtime, req),
  };
}

/** Where the pages of a list lead on and back. */
export const pagesOf = (
  { req }: Desk,
  url: string,
  parameters: Readonly<Record<string, string | null>>,
  next: string | null,
) => ({
  nextUrl: next === null ? null : withParameters(url, { ...parameters, after: next }),
  firstUrl: afterOf(req) === null ? null : withParameters(url, parameters),
});

/** What people are called whose ids are shown, by those ids. Whoever the app no longer knows has none. */
export async function namesOf(
  { people }: Office,
  ids: readonly (UserId | null | undefined)[],
): Promise<Readonly<Record<string, string>>> {
  const known = [...new Set(ids)].filter((id) => id !== null && id !== undefined);
  const named = await Promise.all(
    known.map(async (id) => {
      const user = await people.byId(id);
      return user === null ? [] : [[id, people.nameOf(user)] as const];
    }),
  );
  return Object.fromEntries(named.flat());
}
