import { as, owe } from './flows';
import type { Person } from './people';
import { askForCode, countCodes, halfLogin, sentTo } from './sending';
import type { Stage } from './stage';

const REQUESTS = 50;
const AN_HOUR = 5;
/** What strangers may have of a block: these numbers are imported, and nobody has used them. */
const A_PREFIX = 25;
/** Several times as many: when the budget is used up, the hundredth is refused for what the fiftieth was. */
const PUMPED = process.env.TEST_LONG ? 300 : 120;
const AT_ONCE = 30;

export const sends = (scene: () => Promise<Stage>): void =>
  describe('However many ask for a code at once, at two processes', () => {
    let stage: Stage;
    beforeAll(async () => {
      stage = await scene();
    });

    const place = (at: number) => (at % 2 === 0 ? stage.a : stage.b);

    /** All of them at once, from half logins of these people in turn; each answer that says so is one message. */
    async function flood(people: readonly Person[], halves: number, most: number, address: string) {
      const browsers = await Promise.all(
        Array.from({ length: halves }, (_, at) =>
          halfLogin(stage, people[at % people.length] as Person, place(at)),
        ),
      );
      const answers = await Promise.all(
        Array.from({ length: REQUESTS }, (_, at) => {
          const browser = browsers[at % halves] ?? stage.browser();
          return askForCode(browser, place(at + Math.floor(at / halves)), 'otp-sms');
        }),
      );
      const counts = countCodes(answers);
      const known = ['200', 'resend_too_soon', 'too_many_sends', 'unavailable'];
      expect([...counts.keys()].filter((code) => !known.includes(code))).toEqual([]);
      const sent = await sentTo(stage, address);
      expect(sent).toBeLessThanOrEqual(most);
      expect(sent).toBeGreaterThanOrEqual(counts.get('200') ?? 0);
      return sent;
    }

    /** One by one, each from a half login of its own, until no more leaves. */
    async function useUp(people: readonly Person[], address: string): Promise<number> {
      for (let turn = 0; turn < 20; turn += 1) {
        const browser = await halfLogin(stage, people[turn % people.length] as Person, place(turn));
        const answer = await askForCode(browser, place(turn + 1), 'otp-sms');
        if (answer.status === 200) continue;
        as(answer, 429, 'too_many_sends');
        expect(answer.headers['retry-after']).toBe(String(answer.body.error?.retryAfter));
        return sentTo(stage, address);
      }
      throw new Error('no budget was ever used up');
    }

    it('one half login gets one message', async () => {
      const address = '+420603100001';
      const person = await stage.people.withAddress('otp-sms', address);
      const sent = await flood([person], 1, 1, address);
      expect(sent).toBeLessThanOrEqual(1);
      process.stdout.write(`sends: ${REQUESTS} requests of one half login: ${sent} sent\n`);
    }, 60_000);

    it('one user gets the five of an hour, by ten half logins', async () => {
      const address = '+420603110001';
      const person = await stage.people.withAddress('otp-sms', address);
      const sent = await flood([person], 10, AN_HOUR, address);
      expect(await useUp([person], address)).toBe(AN_HOUR);
      process.stdout.write(`sends: ${REQUESTS} requests of one user: ${sent} sent, then ${AN_HOUR} in all\n`);
    }, 60_000);

    it('one address gets the five of an hour, by 25 users', async () => {
      const address = '+420603120001';
      const people = await Promise.all(
        Array.from({ length: 25 }, () => stage.people.withAddress('otp-sms', address)),
      );
      const sent = await flood(people, people.length, AN_HOUR, address);
      expect(await useUp(people, address)).toBe(AN_HOUR);
      process.stdout.write(
        `sends: ${REQUESTS} requests to one address: ${sent} sent, then ${AN_HOUR} in all\n`,
      );
    }, 60_000);

    it(`SMS pumping: ${PUMPED} accounts with numbers of one prefix get the 25 of its hour, and use another way`, async () => {
      const prefix = '+42060313';
      const people: Person[] = [];
      while (people.length < PUMPED) {
        const numbers = Array.from({ length: AT_ONCE }, (_, at) => 1000 + people.length + at);
        people.push(
          ...(await Promise.all(
            numbers.map((number) => stage.people.withAddress('otp-sms', `${prefix}${number}`)),
          )),
        );
      }
      const refused: Person[] = [];
      let told = 0;
      for (let from = 0; from < PUMPED; from += AT_ONCE) {
        const some = people.slice(from, from + AT_ONCE);
        const answers = await Promise.all(
          some.map(async (person, at) =>
            askForCode(await halfLogin(stage, person, place(at)), place(at), 'otp-sms'),
          ),
        );
        answers.forEach((answer, at) => {
          if (answer.status === 200) told += 1;
          else if (answer.body.error?.code === 'too_many_sends') refused.push(some[at] as Person);
        });
      }
      const sent = await sentTo(stage, prefix);
      process.stdout.write(`sends: pumping by ${PUMPED} accounts: ${sent} sent, ${refused.length} refused\n`);
      expect(sent).toBeLessThanOrEqual(A_PREFIX);
      expect(sent).toBeGreaterThanOrEqual(told);
      // Those in each other's way may have cost a few, which the next ones get.
      expect(sent).toBe(A_PREFIX);
      expect(refused.length).toBeGreaterThan(PUMPED / 2);

      // A refused account is turned away from nothing but this way.
      const person = refused.at(-1) as Person;
      await stage.people.giveApp(person);
      const browser = stage.browser();
      await owe(browser, stage.a, person);
      as(await askForCode(browser, stage.b, 'otp-sms'), 429, 'too_many_sends');
      expect((await browser.get(stage.a, '/2fa')).text).toContain('"type":"totp"');
      as(await browser.post(stage.b, '/2fa/totp', { code: await person.nextCode() }), 200);

      // Numbers of another prefix are reached.
      const elsewhere = await stage.people.withAddress('otp-sms', '+420603140001');
      as(await askForCode(await halfLogin(stage, elsewhere), stage.b, 'otp-sms'), 200);
    }, 120_000);

    it('nothing of it is readable in a store or an output', async () => {
      expect(stage.seen.count('address')).toBeGreaterThan(PUMPED);
      expect(await stage.leaks()).toEqual([]);
      expect(await stage.keysWithoutExpiry()).toEqual([]);
    });
  });
