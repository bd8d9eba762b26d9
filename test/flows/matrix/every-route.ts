import type { Answer } from '../../support/http-client';
import { codeAt } from '../../support/browser-agent';
import type { State, Visitor } from './states';
import { keyPages, keyScripts, pages, rowsOf, scripts, type Row } from './table';
import { openWorld, type Somebody, type World } from './world';

type Form = 'html' | 'json';

const reads = (rows: readonly Row[]): Row[] => rows.filter(({ method }) => method === 'GET');
/** Some states move the clock when they are entered, and the readers' half login is good for ten minutes. */
const readsFirst = (one: Row, next: Row): number =>
  Number(next.method === 'GET') - Number(one.method === 'GET');
const isOfKey = ({ body }: Row): boolean => body === 'answer' || body === 'forged';
const isApp = ({ path }: Row): boolean => !/^\/2fa(\/|\?|$)/.test(path);

/** Neither a page that is opened nor a script that wants JSON. */
const ODD_ACCEPTS = [undefined, '*/*', 'text/plain', 'image/webp,*/*;q=0.1', ';;q=x,', 'text/html;q=0'];
const ODD_STATES = ['nobody', 'owed', 'owed and expired', 'passed, fresh', 'passed, stale', 'exempt, old'];

const people = {
  'people with an app': { haveKeys: false, inPages: pages, inScripts: scripts },
  'people with a security key as well': { haveKeys: true, inPages: keyPages, inScripts: keyScripts },
};

/** What every route of the example app answers to these people in each of these states. */
export function everyRoute(kind: keyof typeof people, met: readonly State[]): void {
  const { haveKeys, inPages, inScripts } = people[kind];
  describe(`Every route of the example app, for ${kind},`, () => {
    let world: World;
    let other: Somebody;
    let beginAnew: () => void;
    const printed = jest.fn();
    beforeAll(async () => {
      world = await openWorld(haveKeys);
      jest.spyOn(console, 'error').mockImplementation(printed);
      other = await world.somebody(true);
      beginAnew = world.keep();
    });
    afterEach(() => beginAnew());
    afterAll(() => world.close());

    const named = (text: string, { who }: Visitor): string =>
      text
        .replace(':own', who.factorId || 'none')
        .replace(':key', who.key?.factorId ?? 'none')
        .replace(':other', other.factorId);

    /** As the table says it, with what is in a query spelled out. */
    const spelled = (cell: string, visitor: Visitor): string =>
      named(cell, visitor).replace(/\?to=(.*)$/, (_, to: string) => `?to=${encodeURIComponent(to)}`);

    async function bodyOf(row: Row, visitor: Visitor): Promise<Readonly<Record<string, unknown>>> {
      const { who } = visitor;
      const { username, password } = row.body === 'other' ? await world.somebody(false) : who;
      const next = world.clock.now() + 30_000;
      const bodies: Record<string, Readonly<Record<string, unknown>>> = {
        '': {},
        self: { username, password },
        other: { username, password },
        bad: { username, password: 'not the password' },
        change: { currentPassword: password, newPassword: 'another horse battery' },
        label: { label: 'Tablet' },
        right: { code: who.seed === '' ? '123456' : codeAt(who.seed, next) },
        wrong: { code: who.seed === '' ? '123456' : wrongCode(who.seed) },
        letters: { code: 'abcdef', response: 'abcdef' },
        ...(isOfKey(row) && { [row.body ?? '']: { response: await answerOf(row, visitor) } }),
        backup: { code: who.backupCode || '0000-0000-0000-0000' },
      };
      return bodies[row.body ?? ''] ?? {};
    }

    /** What the browser says of the visitor's key, to a challenge of this very visit where there is one. */
    async function answerOf({ body }: Row, { who, browser }: Visitor) {
      const { text } = await browser.post(world, '/2fa/webauthn/options');
      const { challenge = 'A'.repeat(43) } = JSON.parse(text) as { challenge?: string };
      const key = who.key?.soft ?? world.freshKey();
      const spoilt = (signature: Buffer): Buffer =>
        Buffer.concat([signature.subarray(0, -1), Buffer.from([(signature.at(-1) ?? 0) ^ 1])]);
      return key.get(challenge, body === 'forged' ? { signature: spoilt } : {});
    }

    function wrongCode(seed: string): string {
      const right = Array.from({ length: 20 }, (_, at) =>
        codeAt(seed, world.clock.now() + (at - 15) * 30_000),
      );
      return ['135790', '246801', '975310'].find((one) => !right.includes(one)) ?? '';
    }

    /** Each row meets the state anew; where reading leaves it as it is, all reads meet the same one. */
    async function visitorsOf(state: State): Promise<(row: Row) => Visitor> {
      const lasts = state.column !== 'anon' && state.except === undefined;
      const visitor = await state.enter(world);
      const enterAnew = world.keep();
      return ({ method }) => {
        if (method === 'GET' && lasts) return visitor;
        enterAnew();
        return { ...visitor, browser: visitor.browser.copy() };
      };
    }

    async function ask(row: Row, form: Form, visitor: Visitor): Promise<Answer> {
      const { browser } = visitor;
      const path = named(row.path, visitor);
      if (row.body === undefined)
        return form === 'json' ? browser.get(world, path) : browser.page(world, path);
      const body = await bodyOf(row, visitor);
      if (form === 'json') return browser.post(world, path, body, row.method);
      const asText = ([name, value]: [string, unknown]) =>
        [name, typeof value === 'string' ? value : JSON.stringify(value)] as const;
      const fields = Object.fromEntries(Object.entries(body).map(asText));
      return browser.form(world, path, { ...fields, form_token: world.formToken(browser.sessionId) });
    }

    const outcomeOf = ({ status, headers, body }: Answer): string => {
      const more = headers.location ?? body.error?.code ?? body.status;
      return more === undefined ? String(status) : `${status} ${more}`;
    };

    const fits = (answer: Answer, cell: string): boolean =>
      cell === '4xx' ? answer.status >= 400 && answer.status < 500 : outcomeOf(answer) === cell;

    const cellsOf = (state: State, row: Row, form: Form): readonly string[] =>
      state.except?.(row, form) ?? [row.cells[state.column]];

    /** What is wrong with an answer, in one line; nothing if all is well. */
    function fault(row: Row, form: Form, cells: readonly string[], answer: Answer): string | undefined {
      if (!cells.some((cell) => fits(answer, cell)))
        return `${outcomeOf(answer)} and not ${cells.join(' or ')}`;
      if (/node_modules|\n\s+at /.test(answer.text)) return 'a stack';
      if (answer.status < 400) return undefined;
      return form === 'json' ? faultOfError(answer) : faultOfPage(row, answer);
    }

    function faultOfError({ body, headers }: Answer): string | undefined {
      const { code = '', message = '', url, ...rest } = body.error ?? {};
      const ofLink = code === 'new_browser' ? ['sentTo', 'expiresAt', 'resendAt'] : [];
      const known = ['triesLeft', 'retryAfter', 'field', ...ofLink];
      const strange = Object.keys(rest).filter((key) => !known.includes(key));
      if (code === '' || message === '' || strange.length > 0)
        return `not the shape of an error: ${strange.join()}`;
      if (Object.keys(body).length > 1) return 'more than an error';
      if (!headers['content-type']?.startsWith('application/json')) return 'not JSON';
      const mustLead = ['second_factor_required', 'step_up_required'].includes(code);
      return mustLead && !/^\/2fa(\/confirm)?(\?to=%2F(?!%2F)|$)/.test(url ?? '')
        ? `leads to ${url}`
        : undefined;
    }

    function faultOfPage({ path }: Row, { headers, text }: Answer): string | undefined {
      if (path.startsWith('/api/') || path.endsWith('.json')) return undefined;
      if (!headers['content-type']?.startsWith('text/html')) return 'not a page';
      return text.includes('<h1') ? undefined : 'a page without a heading';
    }

    /** Reading changes nothing: who was nobody still is, and nothing told the name. */
    async function faultAfterwards(
      { path }: Row,
      visitor: Visitor,
      answer: Answer,
    ): Promise<string | undefined> {
      // The demo's outbox shows whoever opens it what was sent to anybody.
      const isOutbox = path === '/outbox' || path === '/outbox.json';
      if (!isOutbox && answer.text.includes(visitor.who.username)) return 'tells the name';
      const { status } = await visitor.browser.get(world, '/api/me');
      return status === 401 ? undefined : `afterwards /api/me is ${status}`;
    }

    async function faultsOf(state: State, form: Form, rows: readonly Row[]): Promise<string[]> {
      const faults: string[] = [];
      const visitorFor = await visitorsOf(state);
      for (const row of rows.toSorted(readsFirst)) {
        const visitor = visitorFor(row);
        const answer = await ask(row, form, visitor);
        const cells = cellsOf(state, row, form).map((cell) => spelled(cell, visitor));
        const isNobody = ['anon', 'owed', 'ended'].includes(state.column);
        const found =
          fault(row, form, cells, answer) ??
          (isNobody && row.method === 'GET' ? await faultAfterwards(row, visitor, answer) : undefined);
        if (found) faults.push(`${row.method} ${row.path} {${row.body ?? ''}} ${form}: ${found}`);
      }
      return faults;
    }

    it.each(met)('answers a browser that is $name', async (state) => {
      expect(await faultsOf(state, 'html', rowsOf(inPages))).toEqual([]);
    });

    it.each(met)('answers a script that is $name', async (state) => {
      expect(await faultsOf(state, 'json', rowsOf(inScripts))).toEqual([]);
    });

    /** A HEAD may leave out where one wanted to go. */
    const place = (outcome: string): string => /^\d\d\d(?: \/[^?]*)?/.exec(outcome)?.[0] ?? outcome;

    it.each(met)('answers HEAD as GET, without a body, to $name', async (state) => {
      const faults: string[] = [];
      const visitorFor = await visitorsOf(state);
      for (const row of reads(rowsOf(inPages))) {
        const visitor = visitorFor(row);
        const { browser } = visitor;
        const accept = { accept: 'text/html' };
        const answer = await browser.go(world, named(row.path, visitor), { method: 'HEAD', headers: accept });
        const cells = cellsOf(state, row, 'html').map((cell) => place(spelled(cell, visitor)));
        const isRight = cells.includes(place(outcomeOf(answer))) || cells.some((cell) => fits(answer, cell));
        if (!isRight || answer.text !== '')
          faults.push(`${row.path}: ${outcomeOf(answer)} and not ${cells.join()}`);
      }
      expect(faults).toEqual([]);
    });

    for (const state of met.filter((one) => ODD_STATES.includes(one.name))) {
      it(`takes an odd Accept for no navigation, of one who is ${state.name}`, async () => {
        const faults: string[] = [];
        const visitorFor = await visitorsOf(state);
        for (const [at, row] of reads(rowsOf(inPages)).entries()) {
          const visitor = visitorFor(row);
          const accept = ODD_ACCEPTS[at % ODD_ACCEPTS.length];
          const headers: Record<string, string> = accept === undefined ? {} : { accept };
          const answer = await visitor.browser.go(world, named(row.path, visitor), { headers });
          const cell = oddCell(state, row);
          const found = fault(row, 'html', [spelled(cell, visitor)], answer);
          if (found) faults.push(`${row.path} (${accept}): ${found}`);
        }
        expect(faults).toEqual([]);
      });
    }

    /** It passes a half login as anonymous, and is never led to a step in the middle of something. */
    function oddCell({ column }: State, row: Row): string {
      if (column === 'owed' && isApp(row)) return row.cells.anon;
      if (row.cells[column].startsWith('303 /2fa/confirm')) return '403';
      return row.cells[column].startsWith('303 /2fa?') ? '401' : row.cells[column];
    }

    it('had no reason to print an error', () => {
      expect(printed.mock.calls).toEqual([]);
    });
  });
}
