import type { WireBrowser } from '../support/browser-on-wire';
import { as, enrol, owe, signIn, signInWithCode } from './flows';
import type { Person } from './people';
import type { Stage } from './stage';

export const sharedSessions = (scene: () => Promise<Stage>): void =>
  describe('A login at one process', () => {
    let stage: Stage;
    beforeAll(async () => {
      stage = await scene();
    });

    const expectIn = async (browser: WireBrowser, { user }: Person): Promise<void> => {
      for (const at of [stage.a, stage.b])
        expect(as(await browser.get(at, '/api/me'), 200).body.username).toBe(user.username);
    };
    const expectOut = async (browser: WireBrowser, at = stage.b): Promise<void> => {
      as(await browser.get(at, '/api/me'), 401, 'sign_in_required');
    };

    it('is one at the other too, from the password to signing out', async () => {
      const person = await stage.people.withApp();
      const browser = stage.browser();
      await owe(browser, stage.a, person);
      expect(as(await browser.get(stage.b, '/2fa'), 200).body.status).toBe('owed');
      as(await browser.get(stage.b, '/api/me'), 401, 'second_factor_required');
      as(await browser.post(stage.b, '/2fa/totp', { code: await person.nextCode() }), 200);
      await expectIn(browser, person);
      as(await browser.get(stage.a, '/billing'), 200);
      const old = new Map(browser.cookies);
      as(await browser.post(stage.a, '/logout'), 200);
      for (const [name, value] of old) browser.cookies.set(name, value);
      await expectOut(browser);
    });

    it('can set up two-factor authentication by turns', async () => {
      const person = await stage.people.add();
      const browser = stage.browser();
      await signIn(browser, stage.a, person);
      const { body } = as(await browser.get(stage.b, '/2fa/security/totp'), 200);
      expect(as(await browser.get(stage.a, '/2fa/security/totp'), 200).body).toEqual(body);
      person.seed = body.secret ?? '';
      const confirmed = await browser.post(stage.a, '/2fa/security/totp', { code: await person.nextCode() });
      person.backupCodes = as(confirmed, 201).body.backupCodes as string[];
      const [code] = person.backupCodes;
      as(await browser.post(stage.b, '/2fa/security/backup-codes/acknowledge', { code }), 200);
      await expectIn(browser, person);
      await owe(stage.browser(), stage.b, person);
    });

    it('is over at the other with the next request, when it is signed out everywhere', async () => {
      const person = await stage.people.withApp();
      const [one, two, half] = [stage.browser(), stage.browser(), stage.browser()];
      await signInWithCode(one, stage.a, person);
      await signInWithCode(two, stage.b, person);
      await owe(half, stage.b, person);
      // Both processes have just seen every login, and the number of the epoch is cached.
      await expectIn(one, person);
      await expectIn(two, person);
      as(await one.post(stage.a, '/2fa/security/sign-out-everywhere'), 200);
      await expectOut(two);
      as(await half.post(stage.b, '/2fa/totp', { code: await person.nextCode() }), 401, 'sign_in_required');
      await expectOut(half);
      await expectIn(one, person);
    });

    it('is over at the other with the next request, when the password is changed', async () => {
      const person = await stage.people.add();
      const [one, two] = [stage.browser(), stage.browser()];
      await signIn(one, stage.a, person);
      await signIn(two, stage.b, person);
      await expectIn(two, person);
      const change = { currentPassword: person.password, newPassword: `${person.password} 2` };
      as(await one.post(stage.a, '/account/password', change), 200);
      await expectOut(two);
      await expectIn(one, person);
    });

    it('is over at the other with the next request, when a factor is switched on or removed', async () => {
      const person = await stage.people.add();
      const [one, two] = [stage.browser(), stage.browser()];
      await signIn(two, stage.b, person);
      await expectIn(two, person);
      await enrol(one, stage.a, person);
      await expectOut(two);
      await signInWithCode(two, stage.b, person);
      const { body } = as(await one.get(stage.a, '/2fa/security'), 200);
      const id = body.types?.flatMap(({ factors }) => factors)[0]?.id;
      as(await one.post(stage.a, `/2fa/security/factors/${id}/remove`), 200);
      await expectOut(two);
      await expectIn(one, person);
    });

    it('leaves nothing readable in a store or an output', async () => {
      expect(stage.seen.count('backup code')).toBeGreaterThan(0);
      expect(await stage.leaks()).toEqual([]);
      expect(await stage.keysWithoutExpiry()).toEqual([]);
    });

    it('would be found out if it did', async () => {
      const [secret] = stage.seen.all();
      const value = secret?.value ?? '';
      await stage.redis.set('webadmin:2fa:planted', `"${value}"`, 'EX', 60);
      await stage.connection.collection('planted').insertOne({ text: `so ${value}` });
      const found = await stage.leaks();
      expect(found).toEqual([expect.stringMatching(/ in Redis webadmin:2fa:planted, MongoDB planted \w+$/)]);
      await stage.redis.set('webadmin:2fa:planted', '');
      expect(await stage.keysWithoutExpiry()).toEqual(['webadmin:2fa:planted']);
    });
  });
