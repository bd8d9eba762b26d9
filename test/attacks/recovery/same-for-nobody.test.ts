import fc from 'fast-check';
import { createKeyRing } from '../../../lib/crypto/key-ring';
import { createLinks } from '../../../lib/crypto/links';
import { createSeal } from '../../../lib/crypto/seal';
import type { Refusal } from '../../../lib/errors';
import type { Begun } from '../../../lib/recovery/begin';
import {
  addEvidence,
  confirmContact,
  findRequest,
  type Found,
  renewTicket,
  resendContactCode,
  sendEvidenceCode,
  standingShown,
  withdraw,
} from '../../../lib/recovery/requests';
import { update } from '../../../lib/core/update';
import { key } from '../../core/core-scope';
import { DAY, HOUR } from '../../recovery/a-request';
import { isExhaustive } from '../../support/exhaustive';
import { ada, aWorld, onFile, own, type Place, type World } from './world';

const language = { lang: 'en', dir: 'ltr' } as const;
const links = createLinks(createSeal(createKeyRing([key])));

/** What a stranger does who has a name and an address of their own, and what they see of it. */
class Stranger {
  private readonly begun: Begun[] = [];

  private constructor(
    private readonly world: World,
    private readonly isThere: boolean,
  ) {}

  /** ada has made it harder in advance, where she is there at all. */
  static async of(isThere: boolean): Promise<Stranger> {
    const world = await aWorld({ limited: true });
    await update(world.scope, ada, (account) => ({
      account: { ...account, ownerRules: { never: false, wait: 30 * DAY, needs: ['letter', 'phone'] } },
      outcome: undefined,
    }));
    return new Stranger(world, isThere);
  }

  async begins(place: Place): Promise<unknown> {
    const begun = await this.world.begin(place, this.isThere ? {} : { userId: null });
    if (!begun.ok) return seen(begun);
    this.begun.push(begun);
    const { userId, request } = begun;
    const token = links.make('status', { userId, id: request.id });
    return [token.length, request.reference.length];
  }

  async waits(ms: number): Promise<unknown> {
    this.world.scope.clock.move(ms);
    await this.world.tick();
    return this.looks();
  }

  /** Every request so far, as its page says it. */
  looks(): Promise<unknown> {
    return Promise.all(
      this.begun.map(async ({ userId, request: { id } }) => {
        const found = await findRequest(this.world.scope, userId, id);
        return found && this.shown(found);
      }),
    );
  }

  /** Something to the newest, or the one before. */
  async does(
    work: (found: Found, world: World) => Promise<({ ok: true } & Partial<Found>) | Refusal>,
    before: number,
  ): Promise<unknown> {
    const begun = this.begun.at(-1 - before);
    const found = begun && (await findRequest(this.world.scope, begun.userId, begun.request.id));
    if (!found) return null;
    const done = await work(found, this.world);
    if (!done.ok) return seen(done);
    return done.request ? this.shown(found) : Object.keys(done).length;
  }

  private shown(found: Found): unknown {
    const { state, earliestAt, steps, contact } = found.request;
    return { state, earliestAt, steps, hint: contact.hint, tally: standingShown(this.world.scope, found) };
  }
}

const seen = (refusal: Refusal): unknown => ({ ...refusal });

type Move = readonly [name: string, (stranger: Stranger) => Promise<unknown>];

const wrong = '000000';
const moves: readonly Move[] = [
  ...[...own, ...onFile].map((place): Move => [
    `begins, to be answered at ${place}`,
    (stranger) => stranger.begins(place),
  ]),
  ...[31_000, 10 * 60_000, HOUR, DAY, 8 * DAY].map((ms): Move => [
    `waits ${ms / 1000} s`,
    (stranger) => stranger.waits(ms),
  ]),
  ...[0, 1].flatMap((before) =>
    (
      [
        [
          'types in the code',
          (found, { scope, codeAt }) => confirmContact(scope, found, codeAt('own mailbox')),
        ],
        [
          'types in the code',
          (found, { scope, codeAt }) => confirmContact(scope, found, codeAt('own mailbox')),
        ],
        ['types in a wrong code', (found, { scope }) => confirmContact(scope, found, wrong)],
        ['asks for the code again', (found, { scope }) => resendContactCode(scope, found, language)],
        ['has a code mailed', (found, { scope }) => sendEvidenceCode(scope, found, 'mail', language)],
        ['has a code texted', (found, { scope }) => sendEvidenceCode(scope, found, 'phone', language)],
        ['guesses it', (found, { scope }) => addEvidence(scope, found, { kind: 'mail', code: wrong })],
        ['claims a video call', (found, { scope }) => addEvidence(scope, found, { kind: 'video' })],
        ['names a peer', (found, { scope }) => addEvidence(scope, found, { kind: 'voucher', user: 'bob' })],
        [
          'brings a browser',
          (found, { scope }) => addEvidence(scope, found, { kind: 'browser', tokens: [] }),
        ],
        ['asks for a link', (found, { scope }) => renewTicket(scope, found)],
        ['withdraws', (found, { scope }) => withdraw(scope, found)],
      ] satisfies [string, Parameters<Stranger['does']>[0]][]
    ).map(([name, work]): Move => [
      before === 0 ? name : `${name}, of the one before`,
      (stranger) => stranger.does(work, before),
    ]),
  ),
];

/** What a stranger did to whom there is, and the same to nobody: what they saw of both. */
async function bothSee(played: readonly Move[]): Promise<void> {
  const [real, nobody] = await Promise.all([Stranger.of(true), Stranger.of(false)]);
  for (const [name, play] of played) expect([name, await play(real)]).toEqual([name, await play(nobody)]);
}

const named = (...names: readonly string[]): Move[] =>
  names.flatMap((name) => moves.filter(([known]) => known === name).slice(0, 1));
const times = (howMany: number, ...names: readonly string[]): string[] =>
  Array.from({ length: howMany }, () => names).flat();
const wait = 'waits 600 s';
const begins = ['begins, to be answered at own mailbox', 'types in the code'];

/** What told it once. */
const known: readonly (readonly string[])[] = [
  // Of messages to an address on file: how many it still gets.
  [...begins, ...times(6, 'has a code mailed', wait), 'withdraws', ...begins, 'has a code mailed'],
  [
    ...begins,
    ...times(5, 'has a code mailed', wait),
    'begins, to be answered at mailbox',
    'asks for the code again',
  ],
  [
    'begins, to be answered at own mailbox',
    ...times(2, wait, 'asks for the code again'),
    'withdraws',
    'begins, to be answered at phone',
    ...times(3, wait, 'asks for the code again'),
  ],
  // Of what the owner asks for besides.
  [...begins, 'claims a video call', 'names a peer'],
];

describe('Whether there is such an account', () => {
  it('I7: is not to be seen by a stranger, whatever they do and however long they watch', async () => {
    for (const names of known) await bothSee(named(...names));
    const move = fc.constantFrom(...moves).map((one) => ({ one, toString: () => one[0] }));
    await fc.assert(
      fc.asyncProperty(fc.array(move, { minLength: 12, maxLength: 30, size: 'max' }), async (drawn) =>
        bothSee([...named(...begins), ...drawn.map(({ one }) => one)]),
      ),
      { numRuns: isExhaustive ? 500 : 20 },
    );
  }, 300_000);
});
