import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { czech } from '../../example-app/czech';
import { DEMO_USERS } from '../../example-app/demo-users';
import { openWebAdmin, visit, type RunningWebAdmin, type Visitor } from './web-admin';

const root = join(__dirname, '../../example-app');
const read = (name: string): string => readFileSync(join(root, name), 'utf8');
const filesIn = (folder: string, ending: string): string[] =>
  readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith(ending))
    .map((name) => join(folder, name));
const QUOTED = /'((?:[^'\\\n]|\\.)*)'|"([^"\n]*)"/g;
const quotedIn = (text: string): string[] =>
  [...text.matchAll(QUOTED)].map(([, one, other]) => one ?? other ?? '');

/** What stands within `t(…)`, up to its parameters. */
const textsOfViews = (): string[] =>
  filesIn('views', '.ejs').flatMap((name) =>
    [...read(name).matchAll(/\bt\(([^{}]*?(?:'[^'\n]*'|"[^"\n]*")[^{}]*?)(?:, \{|\))/g)].flatMap(
      ([, inside = '']) => quotedIn(inside),
    ),
  );
const messages = (): string[] =>
  [...filesIn('.', 'problems.ts'), ...filesIn('routes', '.ts')].flatMap((name) =>
    [...read(name).matchAll(/message:\s*('[^'\n]*')/g)].flatMap(([, text = '']) => quotedIn(text)),
  );

describe('the Czech of the example app', () => {
  it('has every text of its views, problems and users', () => {
    const texts = [...textsOfViews(), ...messages(), ...DEMO_USERS.map(({ has }) => has)];
    expect(texts.length).toBeGreaterThan(90);
    expect(texts.filter((text) => !Object.hasOwn(czech, text))).toEqual([]);
  });
});

describe('the language of the example app', () => {
  let webAdmin: RunningWebAdmin;
  let visitor: Visitor;
  beforeEach(async () => {
    webAdmin = await openWebAdmin();
    visitor = visit(webAdmin);
    await visitor.signIn('demo').expect(200);
  });
  afterEach(() => webAdmin.close());

  it.each([
    ['cs-CZ,cs;q=0.9', 'cs', 'Zabezpečení a přihlášení'],
    ['de, en;q=0.5', 'en', 'Security and login'],
    ['', 'en', 'Security and login'],
  ])(
    'is that of the visitor on its pages, on ours, and in the menu around both: %j',
    async (accepted, lang, item) => {
      for (const path of ['/', '/account', '/2fa/security']) {
        const { text } = await visitor.getPage(path).set('Accept-Language', accepted).expect(200);
        expect(text).toContain(`<html lang="${lang}"`);
        expect(text).toContain(`<a href="/2fa/security">${item}</a>`);
      }
    },
  );

  it('is that of problems too, in pages and in JSON', async () => {
    const { body } = await visitor.getJson('/nothing').set('Accept-Language', 'cs').expect(404);
    expect(body.error.message).toBe('Na této adrese nic není.');
    const page = await visitor.getPage('/nothing').set('Accept-Language', 'cs').expect(404);
    expect(page.text).toContain('Stránka nenalezena');
  });
});
