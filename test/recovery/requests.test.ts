import type { Account, UserId } from '../../lib/account/account';
import { openRequest, type Recovery } from '../../lib/account/recovery';
import { beginRequest, type Asker, readAsked } from '../../lib/recovery/begin';
import { changeRequest } from '../../lib/recovery/change';
import { createDocuments } from '../../lib/recovery/documents';
import { requestsTask } from '../../lib/recovery/due';
import {
  addEvidence,
  confirmContact,
  findRequest,
  renewTicket,
  standing,
  withdraw,
} from '../../lib/recovery/requests';
import { waitOf } from '../../lib/recovery/step';
import { findTicket, useTicket } from '../../lib/recovery/ticket';
import { sealContact } from '../../lib/notices/contacts';
import { readAddress } from '../../lib/delivery/address';
import { letterDigest } from '../../lib/factors/letter-code';
import { memoryEvidence } from '../../lib/stores/memory-evidence';
import { aPdf } from '../support/documents';
import { aLogin, coreScope, type CoreScope, settingsWith } from '../core/core-scope';
import { accountWith, aRequest, DAY, HOUR, settings } from './a-request';

const ada = 'ada' as UserId;
const mail = (text: string) => {
  const read = readAddress('otp-email', text, { regions: null, defaultRegion: null });
  if (!read.ok) throw new Error(read.code);
  return read.address;
};

interface World {
  readonly scope: CoreScope;
  readonly sent: { to: string; code: string }[];
  begin(given?: Partial<Asker>, contact?: string, address?: string): ReturnType<typeof beginRequest>;
  account(): Promise<Account>;
}

async function aWorld(): Promise<World> {
  const sent: { to: string; code: string }[] = [];
  const base = coreScope({ settings: settingsWith({ recovery: settings }) });
  const scope: CoreScope = {
    ...base,
    delivery: {
      ...base.delivery,
      reaches: () => true,
      send: async ({ to, code }) => {
        sent.push({ to: to.address, code });
        return null;
      },
    },
    notices: {
      ...base.notices,
      addressesOf: async ({ userId }) => (userId === ada ? [mail('ada@example.com')] : []),
    },
  };
  const stored = { ...accountWith(aRequest('withdrawn', { startedAt: -60 * DAY })), userId: ada };
  const factor = {
    id: 'f1' as never,
    type: 'totp',
    secret: scope.seal.close(Buffer.from('x'), { user: ada, factor: 'f1', purpose: 'totp-secret' }),
    label: 'App',
    createdAt: 0,
    lastUsedAt: null,
    usedUpTo: 0,
  } as const;
  await scope.accounts.save({ ...stored, rev: 'r1' as never, recoveries: [], factors: [factor] }, null);
  return {
    scope,
    sent,
    begin: (given = {}, contact = 'ada@example.com', address) => {
      const asked = readAsked(scope, {
        lost: ['totp'],
        contact: { channel: 'email', address: contact },
        text: 'My phone is at the bottom of a lake.',
      });
      if (!asked.ok) throw new Error(asked.field);
      const asker: Asker = {
        login: null,
        userId: ada,
        isStaff: false,
        tokens: [],
        language: { lang: 'en', dir: 'ltr' },
        timeZone: null,
        ...given,
      };
      const request = address === undefined ? null : { browser: null, address, requestId: null };
      return beginRequest({ ...scope, request }, asker, asked);
    },
    account: async () => (await scope.accounts.load(ada)) as Account,
  };
}

const halfLogin = (scope: CoreScope) => aLogin(scope, { userId: ada, state: 'owed' });
const given = async (world: World, userId: UserId, id: string) => {
  const found = await findRequest(world.scope, userId, id);
  if (!found) throw new Error('there is no such request');
  return found;
};
const first = { as: 'reviewer', id: 'first' as UserId } as const;
const second = { as: 'reviewer', id: 'second' as UserId } as const;

describe('a request for access', () => {
  it('goes from the half login to the link, by two people, a wait and the clock', async () => {
    const world = await aWorld();
    const { scope, sent } = world;
    const begun = await world.begin({ login: halfLogin(scope) });
    if (!begun.ok) throw new Error(begun.code);
    const { id } = begun.request;
    expect(begun.request).toMatchObject({ state: 'started', route: 'short' });

    const { code = '' } = sent.at(-1) ?? {};
    expect(await confirmContact(scope, await given(world, ada, id), '000000')).toMatchObject({
      code: code === '000000' ? undefined : 'wrong_code',
    });
    expect(await confirmContact(scope, await given(world, ada, id), code)).toMatchObject({
      ok: true,
      request: { state: 'contact_confirmed' },
    });
    expect(standing(scope, await given(world, ada, id))).toMatchObject({ sum: 2, missing: ['points'] });

    const facts = { number: '2026-0001' };
    const added = await addEvidence(scope, await given(world, ada, id), { kind: 'invoice', facts });
    if (!added.ok) throw new Error(added.code);
    expect(added.request.state).toBe('in_review');
    const [, , invoice] = added.request.evidence;
    await changeRequest(scope, ada, id, {
      act: 'judge',
      by: first,
      prepare: (one, _account, now) => ({
        ...one,
        evidence: one.evidence.map((item) =>
          item.id === invoice?.id
            ? { ...item, verdict: { of: 'match' as const, note: 'seen', by: first.id, at: now } }
            : item,
        ),
      }),
    });
    expect(await changeRequest(scope, ada, id, { act: 'approve', by: second })).toMatchObject({
      missing: ['second_person'],
    });
    await changeRequest(scope, ada, id, {
      act: 'recommend',
      by: first,
      prepare: (one) => ({ ...one, recommendedBy: first.id }),
    });
    const approvedAt = scope.now();
    const approved = await changeRequest(scope, ada, id, { act: 'approve', by: second });
    expect(approved).toMatchObject({
      ok: true,
      request: { state: 'approved_waiting', earliestAt: approvedAt + 72 * HOUR },
    });
    // What was said of the invoice is gone with the decision.
    expect((await world.account()).recoveries?.[0]?.evidence[2]).not.toHaveProperty('facts');

    const tick = () => requestsTask(() => scope)({ limit: 100, isOver: () => false });
    scope.clock.move(71 * HOUR);
    await tick();
    expect(openRequest(await world.account())).toMatchObject({ state: 'approved_waiting', reminded: 2 });
    scope.clock.move(HOUR);
    expect((await tick()).done).toEqual({ moved: 1 });
    const ready = openRequest(await world.account());
    expect(ready).toMatchObject({ state: 'ready', ticket: { made: 1, tries: 0 } });

    const ticketId = ready?.ticket?.id ?? '';
    const found = await findTicket(scope, { userId: ada, requestId: id, ticketId });
    if (!found) throw new Error('the link should work');
    const wrong = async () => false;
    expect(await useTicket(scope, found, ticketId, { password: null }, 'login-1')).toMatchObject({
      code: 'not_yet',
      missing: ['proof'],
    });
    expect(await useTicket(scope, found, ticketId, { password: wrong }, 'login-1')).toMatchObject({
      code: 'wrong_code',
      triesLeft: 4,
    });
    const right = async () => true;
    const both = await Promise.all(
      ['login-1', 'login-2'].map((login) => useTicket(scope, found, ticketId, { password: right }, login)),
    );
    expect(both.filter(({ ok }) => ok)).toHaveLength(1);
    expect(await findTicket(scope, { userId: ada, requestId: id, ticketId })).toBeNull();
    const tried = (await world.account()).audit?.unsent.map(({ action }) => action) ?? [];
    expect(tried.filter((action) => action === 'request.try_ticket')).toHaveLength(3);
    expect(tried.filter((action) => action === 'request.use_ticket')).toHaveLength(1);
  });

  it('I7, check 56: looks the same by name where there is no account, one is open already, or its owner wants none', async () => {
    const world = await aWorld();
    const { scope } = world;
    const real = await world.begin();
    const twice = await world.begin();
    const nobody = await world.begin({ userId: null });
    for (const one of [real, twice, nobody])
      expect(one).toMatchObject({ ok: true, request: { state: 'started' } });
    const users = [real, twice, nobody].map((one) => (one.ok ? one.userId : ''));
    expect(users[0]).toBe(ada);
    for (const shadow of users.slice(1)) expect(shadow).toMatch(/^shadow:/);
    expect(world.sent.map(({ to }) => to)).toEqual(Array(3).fill('ada@example.com'));
    expect((await world.account()).recoveries).toHaveLength(1);

    if (!nobody.ok) return;
    const { code = '' } = world.sent.at(-1) ?? {};
    const { userId, request } = nobody;
    await confirmContact(scope, await given(world, userId, request.id), code);
    const claimed = await addEvidence(scope, await given(world, userId, request.id), { kind: 'video' });
    expect(claimed).toMatchObject({ ok: true, request: { state: 'awaiting_evidence' } });
    expect(await withdraw(scope, await given(world, userId, request.id))).toMatchObject({
      request: { state: 'withdrawn' },
    });
  });

  it('says where it came from as logins do, and nothing that is no address', async () => {
    const { begin } = await aWorld();
    const from = async (address: string) => {
      const begun = await begin({ userId: null }, 'ada@example.com', address);
      return begun.ok && begun.request.from?.address;
    };
    expect(await from('::ffff:192.0.2.7')).toBe('192.0.2.7');
    expect(await from('2001:db8::1')).toBe('2001:db8:0:0::/64');
    // With a generous `trust proxy` it is any text that a client likes to send.
    expect(await from('ring +420 603 123 456')).toBeNull();
  });

  it('is marked where another one came from the same address in the last 30 days, which is not stored', async () => {
    const { scope, begin } = await aWorld();
    const from = async (address?: string) => {
      const begun = await begin({ userId: null }, 'ada@example.com', address);
      return begun.ok && begun.request.flags.includes('same_address');
    };
    expect(await from('2001:db8::1')).toBe(false);
    expect(await from('2001:db8::2')).toBe(true);
    expect(await from('2001:db8:1::1')).toBe(false);
    expect(await from()).toBe(false);
    expect(await from()).toBe(false);
    scope.clock.move(31 * DAY);
    expect(await from('2001:db8::3')).toBe(false);
  });

  it('takes no more documents than it may have, however many are uploaded at the same time', async () => {
    const world = await aWorld();
    const store = memoryEvidence();
    const documents = createDocuments({ store, maxBytes: 10_000, maxFiles: 2, keepDays: 30 });
    const scope = { ...world.scope, documents };
    const begun = await world.begin();
    if (!begun.ok) throw new Error(begun.code);
    await confirmContact(scope, await given(world, ada, begun.request.id), world.sent.at(-1)?.code);
    const found = await given(world, ada, begun.request.id);
    const done = await Promise.all(
      Array.from({ length: 4 }, async () => {
        const kept = await documents.keep(found.request, aPdf, scope.now());
        return kept.ok ? addEvidence(scope, found, { kind: 'identity', file: kept.file }) : kept;
      }),
    );
    expect(done.filter(({ ok }) => ok)).toHaveLength(2);
    expect(done.find(({ ok }) => !ok)).toMatchObject({ code: 'malformed', field: 'file' });
  });

  it('is swept with the account that belongs to nobody', async () => {
    const world = await aWorld();
    const nobody = await world.begin({ userId: null });
    if (!nobody.ok) throw new Error(nobody.code);
    world.scope.clock.move(31 * DAY);
    await requestsTask(() => world.scope)({ limit: 100, isOver: () => false });
    expect(await world.scope.accounts.load(nobody.userId)).toBeNull();
  });

  it('is refused in a half login: while one is open, an hour after it was stopped, and the fourth in 30 days', async () => {
    const world = await aWorld();
    const { scope } = world;
    const login = halfLogin(scope);
    const begin = () => world.begin({ login });
    const stop = async () => {
      const request = openRequest(await world.account());
      await changeRequest(scope, ada, request?.id ?? '', { act: 'cancel', by: { as: 'owner' } });
    };
    expect(await begin()).toMatchObject({ ok: true });
    expect(await begin()).toMatchObject({ code: 'conflict', state: 'started' });
    await stop();
    expect(await begin()).toMatchObject({ code: 'slow_down', retryAfter: 3600 });
    for (let more = 0; more < 2; more += 1) {
      scope.clock.move(HOUR);
      expect(await begin()).toMatchObject({ ok: true });
      await stop();
    }
    scope.clock.move(HOUR);
    expect(await begin()).toMatchObject({ code: 'slow_down' });
    scope.clock.move(30 * DAY);
    expect(await begin()).toMatchObject({ ok: true });
  });

  it('can be begun with the password as often as ever, however often others begin by name', async () => {
    const world = await aWorld();
    const { scope } = world;
    const stop = async () => {
      const request = openRequest(await world.account());
      const by = { as: 'requester' } as const;
      await changeRequest(scope, ada, request?.id ?? '', { act: 'withdraw', by });
    };
    const users: string[] = [];
    for (let more = 0; more < 4; more += 1) {
      const begun = await world.begin();
      users.push(begun.ok ? begun.userId : begun.code);
      if (begun.ok && begun.userId === ada) await stop();
    }
    expect(users.map((user) => user === ada)).toEqual([true, true, true, false]);
    expect(await world.begin({ login: halfLogin(scope) })).toMatchObject({ ok: true, userId: ada });
  });

  it('check 62: waits longer by the long route, after a change of address or password, and as its owner decided', () => {
    const wait = (route: 'short' | 'long', changedAt: number | null, owner = 0, waits = settings.waits) =>
      waitOf(
        aRequest('in_review', { route, startedAt: 40 * DAY }),
        accountWith(aRequest('in_review'), changedAt === null ? {} : { reachChangedAt: changedAt }),
        { ...settings, waits },
        { never: false, wait: owner, needs: [] },
      );
    expect(wait('short', null)).toBe(72 * HOUR);
    expect(wait('long', null)).toBe(7 * DAY);
    expect(wait('short', 11 * DAY)).toBe(7 * DAY);
    expect(wait('short', 9 * DAY)).toBe(72 * HOUR);
    expect(wait('short', null, 20 * DAY)).toBe(20 * DAY);
    expect(wait('short', null, 0, { short: HOUR, long: HOUR })).toBe(DAY);
  });

  it('counts the code of its letter, once it is right and as long as it is good, with ten tries', async () => {
    const world = await aWorld();
    const { scope, sent } = world;
    const begun = await world.begin();
    if (!begun.ok) throw new Error(begun.code);
    const { id } = begun.request;
    await confirmContact(scope, await given(world, ada, id), sent.at(-1)?.code);
    const [code, other] = ['7K2M9QXR4TNW', '7K2M9QXR4TNX'];
    const until = scope.now() + 21 * DAY;
    const digest = letterDigest({ userId: ada, requestId: id }, code, scope.seal);
    const prepare = (one: Recovery) => ({ ...one, letter: { digest, until, by: first.id } });
    await changeRequest(scope, ada, id, { act: 'send_letter', by: first, prepare });
    const type = async (typed: string) =>
      addEvidence(scope, await given(world, ada, id), { kind: 'letter', code: typed });

    expect(await type('x')).toMatchObject({ code: 'malformed', field: 'code' });
    expect(await type(other)).toMatchObject({ code: 'wrong_code', triesLeft: 9 });
    expect(await type('7k2m-9qxr-4tnw')).toMatchObject({ ok: true });
    expect(standing(scope, await given(world, ada, id))).toMatchObject({ sum: 3, kinds: ['mail', 'letter'] });
    for (let more = 0; more < 8; more += 1) await type(other);
    expect(await type(code)).toMatchObject({ code: 'locked' });
  });

  it('does not count the code of a letter that is too old', async () => {
    const world = await aWorld();
    const { scope, sent } = world;
    const begun = await world.begin();
    if (!begun.ok) throw new Error(begun.code);
    const { id } = begun.request;
    await confirmContact(scope, await given(world, ada, id), sent.at(-1)?.code);
    const code = '7K2M9QXR4TNW';
    const digest = letterDigest({ userId: ada, requestId: id }, code, scope.seal);
    const prepare = (one: Recovery) => ({
      ...one,
      letter: { digest, until: scope.now(), by: first.id },
    });
    await changeRequest(scope, ada, id, { act: 'send_letter', by: first, prepare });
    const found = await given(world, ada, id);
    expect(await addEvidence(scope, found, { kind: 'letter', code })).toMatchObject({ code: 'wrong_code' });
  });

  it('tells of another link as of the first, and the first is dead', async () => {
    const world = await aWorld();
    const { scope } = world;
    const ticket = { id: 'first', until: scope.now() + DAY, made: 1, tries: 0 };
    const account = await world.account();
    const { contact } = aRequest('ready');
    const address = sealContact(ada, 'ada@example.com', scope.seal);
    const ready = aRequest('ready', {
      contact: { ...contact, address },
      ticket,
      startedAt: scope.now(),
      steps: [{ at: scope.now(), state: 'ready' }],
    });
    await scope.accounts.save({ ...account, rev: 'r2' as never, recoveries: [ready] }, account.rev);
    const found = await given(world, ada, ready.id);
    for (const made of [2, 3]) {
      const before = scope.told.length;
      expect(await renewTicket(scope, found)).toMatchObject({ ok: true, request: { ticket: { made } } });
      expect(scope.told.slice(before)).toMatchObject([{ name: 'recovery.changed', state: 'ready' }]);
    }
    expect(await findTicket(scope, { userId: ada, requestId: ready.id, ticketId: 'first' })).toBeNull();
    expect(await renewTicket(scope, found)).toMatchObject({ code: 'limit_reached' });
  });
});
