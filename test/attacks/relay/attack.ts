import { PlainBrowser } from '../../hosts/plain-browser';
import type { ProofType } from '../../../lib/account/account';
import { startRelay, type Relay } from './relay';
import type { Person, Site } from './site';

/** How people prove themselves by something that they can be talked into passing on. */
export const passedOn = [
  'totp',
  'otp-sms',
  'otp-email',
  'backup-code',
] as const satisfies readonly ProofType[];
export type PassedOn = (typeof passedOn)[number];

export interface Attack {
  readonly relay: Relay;
  /** The browser of the victim, on the page in the middle. */
  readonly victim: PlainBrowser;
  /** Whether the attacker is signed in as the victim, after trying all that is left to try. */
  isIn(): Promise<boolean>;
}

/** Somebody signs in on a page in the middle, doing all that it asks for. */
export async function phish(site: Site, person: Person, type: PassedOn, remember = false): Promise<Attack> {
  const relay = await startRelay(site);
  const victim = new PlainBrowser(relay.url, new Map([[relay.url, relay.servedAt]]));
  await victim.open('/login');
  await victim.submit('/login', { username: person.name, password: 'right' });
  await victim.open(`/2fa/${type}`);
  if (type === 'otp-sms' || type === 'otp-email') await victim.submit(`/2fa/${type}/send`);
  await victim.submit(`/2fa/${type}`, { code: codeOf(person, type), ...(remember && { remember: 'true' }) });
  return { relay, victim, isIn: () => isIn(relay, person) };
}

/**
 * A victim who got the mail: opens its link, and presses the button that finishes a sign-in if there is one.
 *
 * @param where the browser that the victim always uses here, or another device
 */
export async function openLink(
  site: Site,
  person: Person,
  where: 'same device' | 'other device',
): Promise<string> {
  const browser = site.visit(where === 'same device' ? person.browser.cookies : undefined);
  const path = person.link().slice(site.origin.length);
  const { text } = await browser.open(path);
  return text.includes(`action="${path}"`) ? (await browser.submit(path)).text : text;
}

function codeOf(person: Person, type: PassedOn): string {
  if (type === 'totp') return person.totp();
  return type === 'backup-code' ? (person.backupCodes[1] ?? '') : person.sent(type);
}

async function isIn(relay: Relay, person: Person): Promise<boolean> {
  await relay.ask('/2fa');
  await relay.ask('/2fa/browser/send', { method: 'POST' });
  if (await isSignedIn(relay, person)) return true;
  await signInAgain(relay, person);
  return isSignedIn(relay, person);
}

/** With the password and with every cookie that passed through: what made a browser known, or remembered, would help. */
export async function signInAgain(relay: Relay, { name }: Person): Promise<number> {
  const body = JSON.stringify({ username: name, password: 'right' });
  const headers = { 'content-type': 'application/json' };
  return (await relay.ask('/login', { method: 'POST', headers, body })).status;
}

async function isSignedIn(relay: Relay, { name }: Person): Promise<boolean> {
  const { text } = await relay.ask('/me');
  return (JSON.parse(text) as { user?: { id: string } | null }).user?.id === `id-${name}`;
}
