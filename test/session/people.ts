import type { BrowserAgent } from '../support/browser-agent';
import { sessionCookie, type Host } from '../hosts/host';
import { sidOf } from './session-data';

/** A browser with a complete login, its session cookie and session id. */
export async function loggedIn(built: Host, name: 'ann' | 'bob' | 'cyd') {
  const agent = built.visitor();
  const first = await agent.signIn(name);
  const last = name === 'bob' ? first : await agent.post('/2fa/totp', { code: built.code(name) }).expect(200);
  const cookie = sessionCookie(last) ?? '';
  return { agent, cookie, sid: sidOf(cookie) };
}

/** A browser whose login still owes the second factor. */
export async function halfLoggedIn(built: Host, name: 'ann' | 'cyd' = 'ann') {
  const agent = built.visitor();
  const cookie = sessionCookie(await agent.signIn(name).expect(401)) ?? '';
  return { agent, cookie, sid: sidOf(cookie) };
}

/** Whom the app takes this browser for. */
export async function userOf(agent: BrowserAgent): Promise<string | null> {
  const { body } = await agent.get('/me', 'image/*').expect(200);
  return (body as { user: { id: string } | null }).user?.id ?? null;
}
