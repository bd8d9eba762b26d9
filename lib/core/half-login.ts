import { codeIdOf } from '../crypto/digest';
import { refuse, type Refusal } from '../errors';
import type { Login, SentCode, WaitingLogin } from '../stores/contracts';
import { isLasting } from './age';
import { resendAt } from './cooldown';
import { sentCodes } from './login-tries';
import type { Scope, Settings } from './scope';

/** A half login that needs its link and nothing else. */
export type LinkLogin = Login & { readonly waiting: WaitingLogin };

export const isWaiting = (login: Login): login is LinkLogin =>
  login.state === 'owed' && login.waiting !== undefined;

type Times = Pick<Settings, 'halfLogin' | 'linkLife'>;

const timesOf = (settings: Times, { since, waiting }: Login): readonly [since: number, life: number] =>
  waiting ? [waiting.proof.at, settings.linkLife] : [since, settings.halfLogin];

/** Whether there is still time to complete it. One that waits for its link has longer. */
export const isHalfLoginOpen = (settings: Times, login: Login, now: number): boolean =>
  isLasting(...timesOf(settings, login), now);

/** When it ends, ms. */
export function halfLoginEnd(settings: Times, login: Login): number {
  const [since, life] = timesOf(settings, login);
  return since + life;
}

/** Where the links of a login are counted. */
export const linksOf = ({ loginId }: Login): string => codeIdOf(loginId, 'new-browser', 'link');

export const lastLink = async ({ pending }: Scope, login: Login): Promise<SentCode | undefined> =>
  sentCodes(await pending.codes.read(linksOf(login)))[0];

/** Remembers until when no link of this login will be sent. */
export async function holdLinks(scope: Scope, login: Login, until: number): Promise<void> {
  const { setups } = scope.pending;
  const id = linksOf(login);
  await setups.remove(id);
  await setups.put(id, String(until), Math.max(1, until - scope.now()));
}

/** Where those of its addresses are noted that were reached, if only some were. */
const reachedOf = ({ loginId }: Login): string => codeIdOf(loginId, 'new-browser', 'reached');

/** Forgets who was reached by the link before the one that is sent now. */
export const forgetReached = ({ pending }: Scope, login: Login): Promise<void> =>
  pending.setups.remove(reachedOf(login));

/** Remembers that the newest link reached only these addresses. */
export async function noteReached({ pending, settings }: Scope, login: Login, hints: readonly string[]) {
  await pending.setups.put(reachedOf(login), hints.join('\n'), settings.linkLife);
}

/** What a login that waits for its link is told, whatever else it tries: also if none could be sent yet. */
export async function refuseWaiting(scope: Scope, login: LinkLogin): Promise<Refusal> {
  const now = scope.now();
  const { setups } = scope.pending;
  const [last, held, reached] = await Promise.all([
    lastLink(scope, login),
    setups.get(linksOf(login)),
    setups.get(reachedOf(login)),
  ]);
  const next = Math.max(last ? resendAt(last, scope.settings.linkLife) : now, Number(held));
  return refuse('new_browser', {
    sentTo: last ? (reached?.split('\n') ?? login.waiting.sentTo) : [],
    expiresAt: halfLoginEnd(scope.settings, login),
    resendAt: next,
    ...(!last && { reason: 'link_not_sent' }),
    ...(!last && next > now && { retryAfter: Math.ceil((next - now) / 1000) }),
  });
}
