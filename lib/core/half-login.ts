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

/** What a login that waits for its link is told, whatever else it tries: also if none could be sent yet. */
export async function refuseWaiting(scope: Scope, login: LinkLogin): Promise<Refusal> {
  const now = scope.now();
  const [last, held] = await Promise.all([lastLink(scope, login), scope.pending.setups.get(linksOf(login))]);
  const next = Math.max(last ? resendAt(last, scope.settings.linkLife) : now, Number(held));
  return refuse('new_browser', {
    sentTo: last ? login.waiting.sentTo : [],
    expiresAt: halfLoginEnd(scope.settings, login),
    resendAt: next,
    ...(!last && { reason: 'link_not_sent' }),
    ...(!last && next > now && { retryAfter: Math.ceil((next - now) / 1000) }),
  });
}
