import { memoryAccounts, memoryPending } from '../../lib';
import type { Response } from 'supertest';
import { browser, type BrowserAgent } from '../support/browser-agent';
import { codesApp, codesOf } from '../support/codes-app';
import { fakeClock, minutes } from '../support/clock';
import { isExhaustive } from '../support/exhaustive';
import { lostForm } from '../support/view-samples';

/** What an answer says once everything that is random in it is gone. */
interface Answer {
  readonly status: number;
  readonly headers: readonly string[];
  readonly text: string;
  /** What the stores were asked, in any order. */
  readonly calls: readonly string[];
}

const PAIRS = isExhaustive ? 200 : 8;
jest.setTimeout(PAIRS * 3_000);
const seed = Buffer.alloc(20, 7);
const isKnown = (name: string): boolean => name.startsWith('known');

/** Notes each call to a store, by name. */
function noting<Store extends object>(store: Store, name: string, calls: string[]): Store {
  return new Proxy(store, {
    get(target, key, self) {
      const value: unknown = Reflect.get(target, key, self);
      if (typeof value === 'object' && value !== null) return noting(value, `${name}.${String(key)}`, calls);
      if (typeof value !== 'function') return value;
      return (...given: unknown[]): unknown => {
        calls.push(`${name}.${String(key)}`);
        return Reflect.apply(value, target, given);
      };
    },
  });
}

/** An app where whoever is called `known…` has an authenticator app. */
function anApp(hasContacts: boolean) {
  const clock = fakeClock();
  const calls: string[] = [];
  const host = codesApp({
    clock,
    accounts: noting(memoryAccounts(), 'accounts', calls),
    pending: noting(memoryPending({ now: clock.now }), 'pending', calls),
    lostAccess: { form: lostForm },
    users: {
      id: (user) => user.id,
      name: (user) => user.name,
      byId: (id) => (isKnown(id) ? { id, name: id } : null),
      byIdentifier: (name) => (isKnown(name) ? { id: name, name } : null),
      contacts: (user) =>
        hasContacts ? [{ channel: 'email', address: `${user.id}@example.com`, since: 0 }] : [],
    },
  });
  const asker = browser(host.app);
  const add = (name: string) =>
    host.twoFactor.importFactor(name, { type: 'totp', secret: seed, label: 'App' });

  async function answerTo(ask: (agent: BrowserAgent) => PromiseLike<Response>): Promise<Answer> {
    calls.splice(0);
    const { status, headers, text } = await ask(asker);
    const said = Object.entries(headers as Readonly<Record<string, string>>)
      // The QR code of one address is longer than that of another.
      .filter(
        ([name]) => !['date', 'etag', ...(text.includes('<svg') ? ['content-length'] : [])].includes(name),
      )
      .map(([name, value]) => `${name}: ${plain(value)}`);
    return { status, headers: said.toSorted(), text: plain(text), calls: calls.toSorted() };
  }

  return { host, add, answerTo };
}

const plain = (text: string): string =>
  text
    .replaceAll(/\/requests\/([\w-]+)/g, (_, token: string) => `/requests/<${token.length} letters>`)
    .replaceAll(/RA-[A-Z]{10}/g, 'RA-<10 letters>')
    .replaceAll(/(?<="checkCode":"|Check code<.{0,80}>)\w{6}/g, '<6 signs>')
    .replaceAll(/<svg class="qr".*?<\/svg>/g, '<picture>');

/** All that somebody does who has nothing but a name. */
async function story({ host, answerTo }: ReturnType<typeof anApp>, identifier: string): Promise<Answer[]> {
  const asked = { identifier, lost: ['totp'], contact: { channel: 'email', address: 'thief@mail.example' } };
  let statusUrl = '';
  const begun = await answerTo(async (agent) => {
    const answer = await agent.post('/2fa/lost/requests', asked);
    ({ statusUrl } = answer.body as { statusUrl: string });
    return answer;
  });
  const post = (part: string, body: object) => answerTo((agent) => agent.post(`${statusUrl}/${part}`, body));
  const get = (path: string) => answerTo((agent) => agent.get(path));
  const [code] = codesOf(host.email);
  return [
    await answerTo((agent) => agent.post('/2fa/lost/block', { identifier })),
    begun,
    await get(statusUrl),
    await post('contact', { code: code === '000000' ? '000001' : '000000' }),
    await post('contact', { code }),
    await post('evidence', { kind: 'mail' }),
    await post('evidence', { kind: 'mail' }),
    await post('evidence', { kind: 'phone' }),
    await post('evidence', { kind: 'mail', code: '12345' }),
    await post('evidence', { kind: 'browser' }),
    await post('evidence', { kind: 'voucher', user: 'cyd' }),
    await post('evidence', { kind: 'letter', code: '0000-0000-0000' }),
    await post('evidence', { kind: 'invoice', facts: { number: '1' } }),
    await post('evidence', { kind: 'video' }),
    await post('ticket', {}),
    await get(statusUrl),
    await post('withdraw', {}),
    await post('withdraw', {}),
    await get(`${statusUrl}/form.html`),
  ];
}

const withoutCalls = ({ calls: _, ...answer }: Answer) => answer;

describe('check 56: somebody who has nothing but a name', () => {
  it(`gets the same answers for accounts that exist and that don't, in ${PAIRS} pairs`, async () => {
    const app = anApp(true);
    for (let pair = 0; pair < PAIRS; pair += 1) {
      await app.add(`known-${pair}`);
      const [known, unknown] = [await story(app, `known-${pair}`), await story(app, `no-one-${pair}`)];
      expect(unknown.map(withoutCalls)).toEqual(known.map(withoutCalls));
      app.host.clock.move(61 * minutes);
    }
  });

  it('has the stores asked as much for either', async () => {
    const app = anApp(false);
    await app.add('known');
    const [known, unknown] = [await story(app, 'known'), await story(app, 'no-one')];
    expect(unknown).toEqual(known);
  });

  it('has as many budgets looked up for a code, whether or not there is an address to send it to', async () => {
    const app = anApp(true);
    await app.add('known');
    const takes = (answers: readonly Answer[]) =>
      answers.map(({ calls }) => calls.filter((call) => call === 'pending.budgets.take').length);
    const [known, unknown] = [await story(app, 'known'), await story(app, 'no-one')];
    expect(takes(unknown)).toEqual(takes(known));
  });

  it('is not told that one is open already, that there are too many, or that there is no second factor', async () => {
    const app = anApp(true);
    await app.add('known');
    for (const name of ['known', 'known', 'known', 'known', 'known', 'known without a factor']) {
      const [known, unknown] = [await story(app, name), await story(app, 'no-one')];
      expect(unknown.map(withoutCalls)).toEqual(known.map(withoutCalls));
      app.host.clock.move(61 * minutes);
    }
  });
});
