import type { UserId } from '../account/account';
import { refuse, type Refusal } from '../errors';
import { confirmLiveCode, type LiveCodeMade, makeLiveCode } from '../recovery/live-code';
import type { Acted } from './acts';
import { type Office, readyToChange } from './office';

/**
 * Makes a code with which a user signs in once, during a call. It is shown once, to whoever makes it, and is of no use
 * before another person has confirmed it.
 */
export async function liveCodeFor(
  office: Office,
  id: UserId,
  given: unknown,
): Promise<LiveCodeMade | Refusal> {
  const ready = await readyToChange(office, 'users.live-code', id, given, async () => refuseOff(office));
  return ready.ok ? makeLiveCode(office.scope, id, { by: office.by, reason: ready.reason }) : ready;
}

/**
 * The second person's word for it; never that of whoever made it.
 *
 * @param codeId which code they have seen; left out: whichever there is
 */
export async function confirmLiveCodeFor(
  office: Office,
  id: UserId,
  given: unknown,
  codeId: unknown,
): Promise<Acted | Refusal> {
  const ready = await readyToChange(
    office,
    'users.live-code.confirm',
    id,
    given,
    async () => refuseOff(office) ?? (await refuseOwn(office, id)),
  );
  if (!ready.ok) return ready;
  if (codeId !== undefined && typeof codeId !== 'string') return refuse('malformed', { field: 'codeId' });
  return confirmLiveCode(office.scope, id, { by: office.by, reason: ready.reason }, codeId ?? null);
}

const refuseOff = ({ scope }: Office): Refusal | null =>
  scope.settings.recovery?.liveCode ? null : refuse('not_found');

async function refuseOwn({ scope, by }: Office, id: UserId): Promise<Refusal | null> {
  const account = await scope.accounts.load(id);
  if (!account?.liveCode || account.liveCode.until <= scope.now()) return refuse('not_found');
  return account.liveCode.by === by ? refuse('forbidden') : null;
}
