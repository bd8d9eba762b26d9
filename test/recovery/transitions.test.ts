import type { UserId } from '../../lib/account/account';
import type { EvidenceKind, RequestState } from '../../lib/account/recovery';
import { type Act, acts, transition, type Who } from '../../lib/recovery/transitions';
import { aRequest, DAY, lost, matching, settings } from './a-request';

const states: readonly RequestState[] = [
  'started',
  'contact_confirmed',
  'awaiting_evidence',
  'in_review',
  'more_info',
  'approved_waiting',
  'ready',
  'completed',
  'cancelled_by_owner',
  'withdrawn',
  'superseded_by_signin',
  'rejected',
  'expired',
  'on_hold',
];
const people: Readonly<Record<string, Who>> = {
  requester: { as: 'requester' },
  owner: { as: 'owner' },
  voucher: { as: 'voucher', id: 'peer' as UserId },
  'first reviewer': { as: 'reviewer', id: 'first' as UserId },
  'second reviewer': { as: 'reviewer', id: 'second' as UserId },
  'the one who began it': { as: 'reviewer', id: 'began' as UserId },
  'the one it is about': { as: 'reviewer', id: lost },
  process: { as: 'process' },
};

/** All that a request could have, so that nothing but who, in which state, is in the way. */
const full = (state: RequestState) =>
  aRequest(state, {
    evidence: matching('video', 'mail'),
    begunBy: 'began' as UserId,
    recommendedBy: 'first' as UserId,
    earliestAt: DAY,
    ticket: { id: 't', until: 3 * DAY, made: 1, tries: 0 },
  });
const of = (now: number) => ({
  now,
  target: lost,
  rules: settings.evidence,
  owner: { never: false, wait: 0, needs: [] },
  twoPeople: true,
});
const outcome = (state: RequestState, act: Act, by: Who, now: number): string => {
  const done = transition(full(state), act, by, of(now));
  return done.ok ? done.state : done.code;
};

const taking = ['contact_confirmed', 'awaiting_evidence', 'in_review', 'more_info'];
const open = ['started', ...taking, 'approved_waiting', 'ready'];

/** Who may do what where, and what becomes of it, written down a second time: two hours after the start. */
const expected: Readonly<
  Record<Act, { by: readonly string[]; from: readonly string[]; to: (state: string) => string }>
> = {
  confirm_contact: { by: ['requester'], from: ['started'], to: () => 'contact_confirmed' },
  add_evidence: { by: ['requester'], from: taking, to: () => 'in_review' },
  vouch: { by: ['voucher'], from: taking, to: () => 'in_review' },
  send_letter: { by: ['first reviewer', 'second reviewer'], from: taking, to: (state) => state },
  withdraw: { by: ['requester'], from: open, to: () => 'withdrawn' },
  assign: { by: ['first reviewer', 'second reviewer'], from: open, to: (state) => state },
  judge: { by: ['first reviewer', 'second reviewer'], from: ['in_review'], to: (state) => state },
  ask_more: { by: ['first reviewer', 'second reviewer'], from: ['in_review'], to: () => 'more_info' },
  hold: { by: ['first reviewer', 'second reviewer'], from: open, to: () => 'on_hold' },
  reject: { by: ['first reviewer', 'second reviewer'], from: [...open, 'on_hold'], to: () => 'rejected' },
  recommend: { by: ['first reviewer', 'second reviewer'], from: ['in_review'], to: (state) => state },
  approve: { by: ['second reviewer'], from: ['in_review'], to: () => 'approved_waiting' },
  cancel: {
    by: ['owner', 'first reviewer', 'second reviewer'],
    from: [...open, 'on_hold'],
    to: () => 'cancelled_by_owner',
  },
  supersede: { by: ['owner'], from: open, to: () => 'superseded_by_signin' },
  remind: { by: ['process'], from: ['approved_waiting'], to: (state) => state },
  become_ready: { by: ['process'], from: [], to: () => 'ready' },
  renew_ticket: { by: ['requester'], from: ['ready'], to: (state) => state },
  try_ticket: { by: ['requester'], from: ['ready'], to: (state) => state },
  use_ticket: { by: ['requester'], from: ['ready'], to: (state) => state },
  complete: { by: ['requester'], from: [], to: () => 'completed' },
  expire: { by: ['process'], from: [], to: () => 'expired' },
};
const soon = 2 * 3_600_000;

describe('a request for access', () => {
  it('I3: changes in the ways of the table and in no other, whoever asks, in whatever state', () => {
    let allowed = 0;
    const orders = acts.flatMap((act) =>
      states.flatMap((state) => Object.entries(people).map(([name, by]) => ({ act, state, name, by }))),
    );
    for (const { act, state, name, by } of orders) {
      const { by: who, from, to } = expected[act];
      const got = outcome(state, act, by, soon);
      const may = who.includes(name) && from.includes(state);
      if (may) allowed += 1;
      const isGiven = states.some((one) => one === got);
      const wanted = may ? to(state) : 'refused';
      expect([act, state, name, may || isGiven ? got : 'refused']).toEqual([act, state, name, wanted]);
    }
    expect(allowed).toBeGreaterThan(80);
  });

  it('says who may not before what is out of order, and that before what is missing', () => {
    const began = people['the one who began it'] as Who;
    const second = people['second reviewer'] as Who;
    expect(outcome('completed', 'approve', began, soon)).toBe('forbidden');
    expect(outcome('completed', 'approve', second, soon)).toBe('conflict');
    const lacking = transition(aRequest('in_review'), 'approve', second, of(soon));
    expect(lacking).toMatchObject({ code: 'not_yet', missing: ['points', 'kinds'] });
  });

  it('I3, check 58: is never completed but from ready, and never before its time', () => {
    for (const state of states) {
      const isReady = state === 'ready';
      expect(outcome(state, 'complete', { as: 'requester' }, 2 * DAY)).toBe(
        isReady ? 'completed' : 'conflict',
      );
      expect(outcome(state, 'complete', { as: 'requester' }, soon)).not.toBe('completed');
    }
  });

  it('lapses: one that was only begun after a day, one without a decision after 30 days, an unused one after 7', () => {
    const lapse = (state: RequestState, now: number) => outcome(state, 'expire', { as: 'process' }, now);
    expect(lapse('started', DAY - 1)).toBe('not_yet');
    expect(lapse('started', DAY)).toBe('expired');
    expect(lapse('more_info', 30 * DAY - 1)).toBe('not_yet');
    expect(lapse('more_info', 30 * DAY)).toBe('expired');
    expect(lapse('ready', 7 * DAY)).toBe('expired');
    expect(lapse('approved_waiting', 400 * DAY)).toBe('conflict');
    // Also where nothing has called tick().
    expect(outcome('in_review', 'approve', people['second reviewer'] as Who, 30 * DAY)).toBe('conflict');
  });

  it('waits for as long as its owner has decided, also after it was approved', () => {
    const owner = { never: false, wait: 5 * DAY, needs: [] };
    const request = { ...full('approved_waiting'), earliestAt: DAY };
    const ready = (now: number) =>
      transition(request, 'become_ready', { as: 'process' }, { ...of(now), owner }).ok;
    expect([DAY, 5 * DAY - 1, 5 * DAY].map(ready)).toEqual([false, false, true]);
  });

  it('needs two kinds that the owner named, and then neither points nor people make up for them', () => {
    const owner = { never: false, wait: 0, needs: ['letter', 'identity', 'phone'] } as const;
    const approve = (kinds: readonly EvidenceKind[]) =>
      transition(
        aRequest('in_review', { evidence: matching(...kinds), recommendedBy: 'first' as UserId }),
        'approve',
        people['second reviewer'] as Who,
        { ...of(soon), owner },
      );
    expect(approve(['video', 'certified', 'letter'])).toMatchObject({ missing: ['owner_kinds'] });
    expect(approve(['letter', 'phone'])).toMatchObject({ ok: true });
  });

  it("takes nobody's word for what we check ourselves, also where its owner asks for just that", () => {
    const said = (['letter', 'voucher', 'phone'] as const).map((kind) => ({
      id: kind,
      kind,
      at: 0,
      verdict: { of: 'match', note: 'seen', by: 'first' as UserId, at: 0 } as const,
    }));
    const owner = { never: false, wait: 0, needs: ['letter', 'phone'] } as const;
    const approve = (needs: typeof owner | null) =>
      transition(
        aRequest('in_review', { evidence: [...matching('mail'), ...said], recommendedBy: 'first' as UserId }),
        'approve',
        people['second reviewer'] as Who,
        { ...of(soon), ...(needs && { owner: needs }) },
      );
    expect(approve(null)).toMatchObject({ missing: ['points', 'kinds'] });
    expect(approve(owner)).toMatchObject({ missing: ['points', 'kinds', 'owner_kinds'] });
  });

  it('goes on in the same way whatever its owner asks for besides', () => {
    const owner = { never: false, wait: 0, needs: ['letter', 'identity'] } as const;
    const request = aRequest('contact_confirmed', { evidence: matching('video', 'mail') });
    const by = { as: 'requester' } as const;
    expect(transition(request, 'add_evidence', by, { ...of(soon), owner })).toMatchObject({
      state: 'in_review',
    });
  });

  it('remembers who printed the letter whose code was typed in', () => {
    const send = (given: Parameters<typeof aRequest>[1]) =>
      transition(aRequest('in_review', given), 'send_letter', people['second reviewer'] as Who, of(soon));
    const letter = { digest: '' as never, until: 0, by: 'first' as UserId, tries: 0 };
    expect(send({ letter })).toMatchObject({ ok: true });
    expect(send({ letter, evidence: matching('letter') })).toMatchObject({ code: 'conflict' });
  });

  it('is not decided by anybody who vouched, nor vouched for by anybody who decided, in whichever order', () => {
    const peer = 'first' as UserId;
    const vouched = { ...matching('voucher')[0], vouchedBy: peer } as never;
    const recommended = { recommendedBy: peer, evidence: [...matching('video', 'mail'), vouched] };
    const approve = (given: Parameters<typeof aRequest>[1]) =>
      transition(aRequest('in_review', given), 'approve', people['second reviewer'] as Who, of(soon));
    expect(approve(recommended)).toMatchObject({ missing: ['second_person'] });
    const letter = { digest: '' as never, until: 0, by: peer, tries: 0 };
    expect(approve({ ...recommended, evidence: matching('video', 'mail'), letter })).toMatchObject({
      missing: ['second_person'],
    });
    const by = { as: 'voucher', id: peer } as const;
    const judged = { of: 'match', note: 'seen', by: peer, at: 0 } as const;
    for (const given of [
      { recommendedBy: peer },
      { begunBy: peer },
      { letter },
      { evidence: [{ id: 'i', kind: 'invoice', at: 0, verdict: judged }] },
    ] as const)
      expect(transition(aRequest('in_review', given), 'vouch', by, of(soon))).toMatchObject({
        code: 'forbidden',
      });
  });

  it('ASVS 6.4.4, I3, I10, check 58: is not approved by whoever recommended it, printed its letter or vouched, nor by one person', () => {
    const by = people['second reviewer'] as Who;
    const approve = (given: Parameters<typeof aRequest>[1]) =>
      transition(
        aRequest('in_review', { evidence: matching('video', 'mail'), ...given }),
        'approve',
        by,
        of(soon),
      );
    const second = 'second' as UserId;
    const first = 'first' as UserId;
    expect(approve({})).toMatchObject({ missing: ['second_person'] });
    expect(approve({ recommendedBy: second })).toMatchObject({ missing: ['second_person'] });
    const letter = { digest: '' as never, until: 0, by: second, tries: 0 };
    expect(approve({ recommendedBy: first, letter })).toMatchObject({ code: 'forbidden' });
    const vouched = [...matching('video', 'mail'), { ...matching('voucher')[0], vouchedBy: second } as never];
    expect(approve({ recommendedBy: first, evidence: vouched })).toMatchObject({ code: 'forbidden' });
    expect(approve({ recommendedBy: first })).toMatchObject({ ok: true });
  });
});
