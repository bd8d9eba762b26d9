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

/** What a login that waits for its link is told, whatever else it tries. */
export async function refuseWaiting(scope: Scope, login: LinkLogin): Promise<Refusal> {
  const last = await lastLink(scope, login);
  return refuse('new_browser', {
    sentTo: login.waiting.sentTo,
    expiresAt: halfLoginEnd(scope.settings, login),
    resendAt: last ? resendAt(last, scope.settings.linkLife) : scope.now(),
  });
}
