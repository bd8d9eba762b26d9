import fc from 'fast-check';
import { blankAccount, type UserId } from '../../lib/account/account';
import type { Actor, AuditRecord } from '../../lib/account/audit';
import { addRecord, endTrail, isConsistent, MOST_UNSENT } from '../../lib/audit/chain';
import { runs } from '../account/an-account';
import { ada, admin, after, anAct, noon, recordsOf } from './records';

const blank = blankAccount(ada);

describe('A record', () => {
  it('says who did what to whom, when and why, and follows the one before', () => {
    const acts = [anAct(), anAct({ actor: 'process', reason: null, request: 'RA-BCDFGHJKLM' })];
    const { audit, ...account } = after(blank, acts);
    expect(account).toEqual(blank);
    const [first, second] = audit?.unsent ?? [];
    expect(first).toMatchObject({
      seq: 1,
      at: noon,
      actor: { id: admin },
      target: { id: ada },
      action: 'factor.suspended',
      reason: 'She called from her number on file',
      request: null,
      previous: null,
    });
    expect(second).toMatchObject({
      seq: 2,
      actor: 'process',
      request: 'RA-BCDFGHJKLM',
      previous: first?.hash,
    });
    expect(audit).toMatchObject({ seq: 2, hash: second?.hash });
  });

  it('has the same hash once plain ids are gone', () => {
    for (const record of recordsOf(3)) {
      const { actor, target } = record;
      if (typeof actor === 'string') throw new Error('somebody did it');
      const { id: _, ...nobody } = actor;
      const { id: __, ...noTarget } = target;
      expect(isConsistent({ ...record, actor: nobody, target: noTarget })).toBe(true);
    }
  });

  it('does not take a user who is called process for a process', () => {
    const [named, unnamed] = (['process', { user: 'process' as UserId }] as const).map(
      (actor) => addRecord(blank, anAct({ actor }), noon).audit?.hash,
    );
    expect(named).not.toBe(unnamed);
  });

  it('has a hash that no other has, whatever text moves from one field to the next', () => {
    const text = fc.string({ maxLength: 4, unit: fc.constantFrom('a', '1', ':', '\n') });
    const act = fc.record({
      actor: fc.oneof(
        fc.constantFrom('requester', 'link'),
        text.map((user) => ({ user: user as UserId })),
      ),
      action: text,
      reason: fc.option(text),
      request: fc.option(text),
    });
    fc.assert(
      fc.property(act, act, (one, other) => {
        const [first, second] = [one, other].map((given) =>
          addRecord(blank, { ...given, actor: given.actor }, noon),
        );
        expect(first?.audit?.hash === second?.audit?.hash).toBe(
          JSON.stringify(one) === JSON.stringify(other),
        );
      }),
      { numRuns: runs(300) },
    );
  });

  it.each<[string, (record: AuditRecord) => object]>([
    ['its place', ({ seq }) => ({ seq: seq + 1 })],
    ['its time', ({ at }) => ({ at: at + 1 })],
    ['who did it', () => ({ actor: 'process' })],
    ['the name of who did it', ({ actor }) => ({ actor: { ...Object(actor), id: 'eve' } })],
    ['to whom', ({ target }) => ({ target: { ...target, pseudonym: 'x' } })],
    ['the name of to whom', ({ target }) => ({ target: { ...target, id: 'eve' } })],
    ['what', () => ({ action: 'nothing' })],
    ['why', () => ({ reason: null })],
    ['for which request', () => ({ request: 'RA-BCDFGHJKLM' })],
    ['what was before', () => ({ previous: 'x' })],
    ['its hash', () => ({ hash: 'x' })],
    ['a field to something that is no JSON', () => ({ at: new Date(noon) })],
    ['a field to nothing', () => ({ target: undefined })],
    ['the actor to nothing', () => ({ actor: null })],
  ])('is not consistent once somebody changes %s', (_what, change) => {
    const [, record] = recordsOf(2);
    if (!record) throw new Error('there are two');
    expect(isConsistent(record)).toBe(true);
    expect(isConsistent({ ...record, ...change(record) })).toBe(false);
  });
});

describe('With 200 records on the way to a store that is down,', () => {
  const full = after(
    blank,
    Array.from({ length: MOST_UNSENT }, () => anAct()),
  );

  it('nobody else changes the account', () => {
    expect(() => addRecord(full, anAct(), noon)).toThrow(expect.objectContaining({ code: 'unavailable' }));
  });

  it.each<Actor>(['requester', 'link', 'process', { user: ada }])(
    'the owner can still do all that protects the account: %j',
    (actor) => {
      expect(addRecord(full, anAct({ actor }), noon).audit?.unsent).toHaveLength(MOST_UNSENT + 1);
    },
  );
});

describe('The trail of a user who is forgotten', () => {
  it('ends with that, once', () => {
    const ended = endTrail(after(blank, [anAct()]), noon);
    expect(ended.audit?.unsent.at(-1)).toMatchObject({
      seq: 2,
      actor: 'process',
      action: 'account.forgotten',
    });
    expect(endTrail(ended, noon)).toBe(ended);
    expect(() => addRecord(ended, anAct(), noon)).toThrow(expect.objectContaining({ code: 'conflict' }));
  });

  it('is none where nothing was done', () => {
    expect(endTrail(blank, noon)).toBe(blank);
  });
});
