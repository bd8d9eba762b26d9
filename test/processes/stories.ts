import { loginKeyOf, userKeyOf } from '../../lib/crypto/digest';
import { toUserId } from '../../lib/account/user-id';
import type { WireBrowser } from '../support/browser-on-wire';
import type { Answer } from '../support/http-client';
import type { Person } from './people';
import type { Stage } from './stage';

export type Form = 'json' | 'html';

/** `303 /somewhere`, `401 sign_in_required` or a bare status: for scripts, and for pages. */
type Expected = Readonly<Record<Form, string>>;

export interface Step {
  readonly name: string;
  /** The answer when all is well. */
  readonly well: Expected;
  /** The answer to somebody whose login is not there any more. */
  readonly gone: Expected;
  /** What a person has done before, and can do again. */
  before?(): Promise<unknown>;
  act(): Promise<Answer>;
}

const signInAgain: Expected = { json: '401 sign_in_required', html: '401' };
const toLogin = (path: string): Expected => ({
  json: '401 sign_in_required',
  html: `303 /login?to=${encodeURIComponent(path)}`,
});
const loggedOut: Expected = { json: '200', html: '303 /' };

/** What the steps of one person in one browser are made of. */
export interface Telling {
  readonly stage: Stage;
  readonly person: Person;
  readonly browser: WireBrowser;
  readonly form: Form;
}

/** From the password to two-factor authentication, and out. */
export function enrolment(telling: Telling): Step[] {
  const { person, browser, form } = telling;
  const { open, post, at } = handsOf(telling);
  return [
    {
      name: 'login post',
      well: { json: '200', html: '303 /' },
      gone: { json: '401 wrong_password', html: '422' },
      act: () => post('/login', person.login),
    },
    {
      name: 'gated request',
      well: { json: '200', html: '200' },
      gone: form === 'json' ? toLogin('/api/me') : toLogin('/account'),
      act: () => open(form === 'json' ? '/api/me' : '/account'),
    },
    {
      name: 'enrol start',
      well: { json: '200', html: '200' },
      gone: signInAgain,
      act: async () => {
        const answer = await open('/2fa/security/totp');
        person.seed = answer.body.secret ?? /secret=([A-Z2-7]{32})/.exec(answer.text)?.[1] ?? person.seed;
        return answer;
      },
    },
    {
      name: 'confirm',
      well: { json: '201', html: '303 /2fa/security/backup-codes' },
      gone: signInAgain,
      act: async () => {
        const code = await person.nextCode();
        return post('/2fa/security/totp', { code });
      },
    },
    {
      name: 'acknowledge',
      well: { json: '200', html: '303 /2fa/security' },
      gone: signInAgain,
      before: async () => {
        const { text } = await browser.page(at, '/2fa/security/backup-codes');
        person.backupCodes = text.match(/\b(?:[0-9A-Z]{4}-){3}[0-9A-Z]{4}\b/g) ?? [];
      },
      act: () => post('/2fa/security/backup-codes/acknowledge', { code: person.backupCodes[2] ?? '' }),
    },
    { name: 'logout', well: loggedOut, gone: loggedOut, act: () => post('/logout') },
  ];
}

/** From the password and a code over a proof that has grown old to signing out everywhere. */
export function signingIn(telling: Telling): Step[] {
  const { person } = telling;
  const { open, post, ageProofs } = handsOf(telling);
  const code = async (): Promise<Answer> => post('/2fa/totp', { code: await person.nextCode() });
  return [
    {
      name: 'login post, owing',
      well: { json: '401 second_factor_required', html: '303 /2fa' },
      gone: { json: '401 wrong_password', html: '422' },
      act: () => post('/login', person.login),
    },
    {
      name: 'step page',
      well: { json: '200', html: '200' },
      gone: signInAgain,
      act: () => open('/2fa'),
    },
    { name: 'code post', well: { json: '200', html: '303 /' }, gone: signInAgain, act: code },
    {
      name: 'billing, proof too old',
      well: { json: '403 step_up_required', html: '303 /2fa/confirm?to=%2Fbilling' },
      gone: toLogin('/billing'),
      before: ageProofs,
      act: () => open('/billing'),
    },
    {
      name: 'step-up page',
      well: { json: '200', html: '200' },
      gone: signInAgain,
      act: () => open('/2fa/confirm?to=%2Fbilling'),
    },
    { name: 'step-up code post', well: { json: '200', html: '303 /' }, gone: signInAgain, act: code },
    {
      name: 'billing, proof fresh',
      well: { json: '200', html: '200' },
      gone: toLogin('/billing'),
      act: () => open('/billing'),
    },
    {
      name: 'sign out everywhere',
      well: { json: '200', html: '303 /2fa/security' },
      gone: signInAgain,
      before: () => open('/2fa/security'),
      act: () => post('/2fa/security/sign-out-everywhere'),
    },
    { name: 'logout', well: loggedOut, gone: loggedOut, act: () => post('/logout') },
  ];
}

export function outcomeOf({ status, headers, body }: Answer): string {
  const more = headers.location ?? body.error?.code;
  return more === undefined ? String(status) : `${status} ${more}`;
}

function handsOf({ stage, person, browser, form }: Telling) {
  const at = stage.a;
  return {
    at,
    open: (path: string) => (form === 'json' ? browser.get(at, path) : browser.page(at, path)),
    post: (path: string, fields: Readonly<Record<string, string>> = {}) =>
      form === 'json' ? browser.post(at, path, fields) : browser.form(at, path, fields),
    /** As if all proofs of this login had been given ten minutes ago. */
    ageProofs: async () => {
      const key = loginKeyOf(browser.sessionId);
      const login = await stage.pending.logins.read(key, null);
      if (!login) throw new Error('there is no login to age');
      const proofs = login.proofs.map((proof) => ({ ...proof, at: proof.at - 600_000 }));
      const user = userKeyOf(toUserId(person.user.id));
      await stage.pending.logins.write(key, { ...login, proofs }, user, 3_600_000, null);
    },
  };
}
