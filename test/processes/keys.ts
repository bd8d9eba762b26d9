import type { Account, WebauthnFactor } from '../../lib/account/account';
import type { WireBrowser } from '../support/browser-on-wire';
import { rounds } from '../support/exhaustive';
import type { Answer } from '../support/http-client';
import { localKey } from '../support/keys';
import type { SoftKey } from '../support/soft-key';
import { as, owe } from './flows';
import { acknowledge, addKey, answerOf, beginKey, enrolKey, halfWithAnswer, newKeyOf } from './key-flows';
import type { Person } from './people';
import type { Stage } from './stage';

const ROUNDS = rounds(3, 8, 50);
const COPIES = 8;
const OTHERS = 12;

const keysIn = (account: Account | null): WebauthnFactor[] =>
  (account?.factors ?? []).filter((factor): factor is WebauthnFactor => factor.type === 'webauthn');
const statusesOf = (answers: readonly Answer[]): number[] =>
  answers.map(({ status }) => status).toSorted((one, other) => one - other);
const codesOf = (answers: readonly Answer[]): (string | undefined)[] =>
  answers.filter(({ status }) => status >= 400).map(({ body }) => body.error?.code);

export const securityKeys = (scene: () => Promise<Stage>): void =>
  describe('Security keys at two processes', () => {
    let stage: Stage;
    beforeAll(async () => {
      stage = await scene();
    });

    const place = (turn: number) => (turn % 2 === 0 ? stage.a : stage.b);
    const many = (count: number): WireBrowser[] => Array.from({ length: count }, () => stage.browser());

    async function withKey(key: SoftKey): Promise<{ person: Person; browser: WireBrowser }> {
      const person = await stage.people.add();
      const browser = stage.browser();
      await enrolKey(browser, stage.a, person, key);
      return { person, browser };
    }

    async function isIn(browser: WireBrowser): Promise<boolean> {
      const [a, b] = [await browser.get(stage.a, '/api/me'), await browser.get(stage.b, '/api/me')];
      expect(a.status).toBe(b.status);
      return a.status === 200;
    }

    it(
      `one answer in 20 requests at once signs in once, ${ROUNDS} rounds`,
      async () => {
        for (let round = 0; round < ROUNDS; round += 1) {
          const key = localKey();
          const { person } = await withKey(key);
          const half = stage.browser();
          const answer = await halfWithAnswer(half, place(round), person, key);
          const copies = Array.from({ length: COPIES }, () => half.copy());
          const others = many(OTHERS);
          await Promise.all(others.map((browser, at) => owe(browser, place(at), person)));
          const before = await stage.accountOf(person);

          const answers = await Promise.all(
            [...copies, ...others].map((browser, at) => browser.post(place(at), '/2fa/webauthn', answer)),
          );
          const won = answers.findIndex(({ status }) => status === 200);
          expect(answers.filter(({ status }) => status === 200)).toHaveLength(1);
          expect(won).toBeLessThan(COPIES);
          // A half login reads five at once; the rest come too late for it, or when it is over.
          const late = ['code_used', 'half_login_ended', 'sign_in_required'];
          expect(codesOf(answers.slice(0, COPIES)).filter((code) => !late.includes(code ?? ''))).toEqual([]);
          expect(new Set(codesOf(answers.slice(COPIES)))).toEqual(new Set(['wrong_code']));

          const inside = await Promise.all([...copies, ...others].map(isIn));
          expect(inside.filter(Boolean)).toHaveLength(1);
          expect(inside[won]).toBe(true);
          const [after] = keysIn(await stage.accountOf(person));
          expect(after?.usedUpTo).toBeGreaterThan(keysIn(before)[0]?.usedUpTo ?? 0);
          // The others still get in, each with an answer of its own.
          const [other] = others;
          if (!other) throw new Error('there is no other');
          as(await other.post(stage.b, '/2fa/webauthn', await answerOf(other, stage.a, key)), 200);
        }
      },
      ROUNDS * 20_000,
    );

    it(
      `of two users who add one key at once, one has it and the other is told, ${ROUNDS} rounds`,
      async () => {
        for (let round = 0; round < ROUNDS; round += 1) {
          const [one, two] = [await withKey(localKey()), await withKey(localKey())];
          const shared = localKey();
          const made = [
            await newKeyOf(one.browser, stage.a, shared),
            await newKeyOf(two.browser, stage.b, shared),
          ] as const;
          const answers = await Promise.all([
            addKey(one.browser, stage.a, made[0]),
            addKey(two.browser, stage.b, made[1]),
          ]);
          expect(statusesOf(answers)).toEqual([201, 409]);
          expect(codesOf(answers)).toEqual(['duplicate']);
          const [keysOfOne, keysOfTwo] = [
            keysIn(await stage.accountOf(one.person)),
            keysIn(await stage.accountOf(two.person)),
          ];
          const holders = [keysOfOne, keysOfTwo].map((keys) =>
            keys.some(({ credentialId }) => credentialId === shared.id),
          );
          expect(holders).toEqual(answers.map(({ status }) => status === 201));
          expect(keysOfOne.length + keysOfTwo.length).toBe(3);
        }
      },
      ROUNDS * 20_000,
    );

    it(
      `and so it is for the first key of both, ${ROUNDS} rounds`,
      async () => {
        for (let round = 0; round < ROUNDS; round += 1) {
          const shared = localKey();
          const people = [await stage.people.add(), await stage.people.add()] as const;
          const [one, two] = [stage.browser(), stage.browser()];
          await beginKey(one, stage.a, people[0], shared);
          await beginKey(two, stage.b, people[1], shared);
          const answers = await Promise.all([
            acknowledge(one, stage.b, people[0]),
            acknowledge(two, stage.a, people[1]),
          ]);
          expect(statusesOf(answers)).toEqual([200, 409]);
          expect(codesOf(answers)).toEqual(['duplicate']);
          for (const [at, person] of people.entries()) {
            expect(keysIn(await stage.accountOf(person))).toHaveLength(answers[at]?.status === 200 ? 1 : 0);
          }
        }
      },
      ROUNDS * 20_000,
    );

    it(
      `a last key that is removed while it is used leaves two-factor off and nobody signed in by it, ${ROUNDS} rounds`,
      async () => {
        for (let round = 0; round < ROUNDS; round += 1) {
          const key = localKey();
          const { person, browser } = await withKey(key);
          const [factor] = keysIn(await stage.accountOf(person));
          const half = stage.browser();
          const answer = await halfWithAnswer(half, stage.b, person, key);
          const [removed, used] = await Promise.all([
            browser.post(stage.a, `/2fa/security/factors/${factor?.id}/remove`),
            half.post(stage.b, '/2fa/webauthn', answer),
          ]);
          expect(removed.status).toBe(200);
          expect([200, 401, 404]).toContain(used.status);
          expect(await stage.accountOf(person)).toMatchObject({ factors: [], backupCodes: null });
          expect(await isIn(half)).toBe(false);
          expect(await isIn(browser)).toBe(true);
        }
      },
      ROUNDS * 20_000,
    );

    it('nothing of it is readable in a store or an output', async () => {
      expect(stage.seen.count('session id')).toBeGreaterThan(ROUNDS * OTHERS);
      expect(stage.seen.count('challenge')).toBeGreaterThan(ROUNDS);
      expect(await stage.leaks()).toEqual([]);
      expect(await stage.keysWithoutExpiry()).toEqual([]);
    });
  });
