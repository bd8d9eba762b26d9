import { memoryActivity, type ActivityEntry, type ActivityStore } from '../../lib';
import { timeOrderedId } from '../../lib/stores/time-ordered-id';
import { withAnn } from '../advisories/cast';
import { userId } from '../contracts/accounts.contract';
import { browser, errorCode, halfLogin } from '../support/browser-agent';
import { fakeClock, minutes, seconds } from '../support/clock';
import { hostApp } from '../support/host-app';
import { override } from '../support/override';
import { until } from '../support/within';

const firefox = 'Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0';

/** ann with an authenticator app, in an app that keeps what happens. */
async function annWithActivity(store?: (activity: ActivityStore) => ActivityStore) {
  const clock = fakeClock();
  const kept = memoryActivity({ now: clock.now });
  const host = await withAnn({ clock, activity: store?.(kept) ?? kept });
  return { ...host, kept };
}

/** So much happened to somebody, a minute apart. */
async function fill(store: ActivityStore, user: string, many: number, now: number): Promise<ActivityEntry[]> {
  const entries = Array.from({ length: many }, (_, nth): ActivityEntry => {
    const at = now - (many - nth) * minutes;
    return {
      id: timeOrderedId(at, nth),
      userId: userId(user),
      at,
      name: 'login.completed',
      result: 'ok',
      type: nth % 3 === 0 ? 'webauthn' : 'totp',
      label: `${user} ${nth}`,
      browser: { browser: 'Chrome', system: 'Windows' },
      address: '203.0.113.7',
    };
  });
  for (const entry of entries) await store.append(entry);
  return entries;
}

const linksIn = (html: string): string[] =>
  [...html.matchAll(/href="([^"]+)"/g)].map(([, href = '']) => href.replaceAll('&amp;', '&'));

describe('What happened', () => {
  it('is there for its owner, the newest first, with the factor by its name, the browser and the address', async () => {
    const { app, ann, clock, code, wrong, secret } = await annWithActivity();
    await ann.signOut();
    const again = browser(app);
    await again.signIn('ann').set('User-Agent', firefox).expect(401);
    await again.post('/2fa/totp', { code: wrong() }).set('User-Agent', firefox).expect(401);
    clock.move(30 * seconds);
    await again.post('/2fa/totp', { code: code() }).set('User-Agent', firefox).expect(200);
    const { body } = await again.get('/2fa/security/activity').expect(200);
    expect(body.next).toBeNull();
    const events: readonly Record<string, string>[] = body.events;
    const told = events.map((event) =>
      [event.name, event.result, event.type, event.label, event.browser].filter(Boolean).join(' / '),
    );
    expect(told).toEqual([
      'login.completed / ok / totp / Authenticator app / Firefox on Linux',
      'browser.new / ok / Firefox on Linux',
      'proof.refused / refused / totp / Firefox on Linux',
      'login.owed / ok / Firefox on Linux',
      'login.ended / ok / Unknown browser',
      'two-factor.enabled / ok / Unknown browser',
      'backup-codes.made / ok / backup-code / Unknown browser',
      'factor.added / ok / totp / Authenticator app / Unknown browser',
      'login.exempt / ok / Unknown browser',
    ]);
    const [newest] = body.events;
    expect(newest).toEqual({
      id: expect.stringMatching(/^[\da-f]{8}-[\da-f]{4}-7[\da-f]{3}-[89ab][\da-f]{3}-[\da-f]{12}$/),
      at: new Date(clock.now()).toISOString(),
      name: 'login.completed',
      type: 'totp',
      label: 'Authenticator app',
      browser: 'Firefox on Linux',
      address: '127.0.0.1',
      result: 'ok',
    });
    expect(JSON.stringify(body)).not.toContain(secret);
  });

  it('is told to the app as well, with the login it belongs to', async () => {
    const { twoFactor, ann, kept } = await annWithActivity();
    await fill(kept, 'id-ann', 5, Date.now());
    await ann.post('/2fa/security/sign-out-everywhere').expect(200);
    const all = await twoFactor.activityOf('id-ann');
    expect(all).toHaveLength(10);
    expect(await twoFactor.activityOf('id-ann', { limit: 2 })).toEqual(all.slice(0, 2));
    expect(await twoFactor.activityOf('id-ann', { limit: 2, before: all[1]?.id })).toEqual(all.slice(2, 4));
    expect(await twoFactor.activityOf('id-ann', { type: 'backup-code' })).toMatchObject([
      { name: 'backup-codes.made', userId: 'id-ann' },
    ]);
    expect(await twoFactor.activityOf('id-nobody')).toEqual([]);
  });

  it('says so where the app did it by itself', async () => {
    const { twoFactor, ann } = await annWithActivity();
    await twoFactor.importFactor('id-ann', {
      type: 'totp',
      secret: 'JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP',
      label: 'Old',
    });
    const { body } = await ann.get('/2fa/security/activity');
    expect(body.events[0]).toMatchObject({
      name: 'factor.added',
      label: 'Old',
      browser: null,
      address: null,
    });
    const { text } = await ann.page('/2fa/security/activity');
    expect(text).toContain('by <bdi>Test App</bdi>');
  });

  it('goes when its user goes', async () => {
    const { twoFactor, kept } = await annWithActivity();
    await fill(kept, 'id-bob', 1, Date.now());
    await twoFactor.signOutEverywhere('id-ann');
    await twoFactor.forget('id-ann');
    expect(await twoFactor.activityOf('id-ann')).toEqual([]);
    expect(await twoFactor.activityOf('id-bob')).toHaveLength(1);
  });
});

describe('The page of activity', () => {
  it('leads from page to page by links, 50 at a time, each entry once, and back to the newest', async () => {
    const { ann, clock, kept } = await annWithActivity();
    await kept.remove(userId('id-ann'));
    const entries = await fill(kept, 'id-ann', 120, clock.now());
    const seen: string[] = [];
    let url: string | undefined = '/2fa/security/activity';
    for (let page = 1; url !== undefined; page += 1) {
      const { text }: { text: string } = await ann.page(url).expect(200);
      const labels = [...text.matchAll(/<bdi>(id-ann \d+)<\/bdi>/g)].map(([, label = '']) => label);
      expect(labels).toHaveLength(page < 3 ? 50 : 20);
      seen.push(...labels);
      expect(linksIn(text).includes('/2fa/security/activity')).toBe(page > 1);
      url = linksIn(text).find((href) => href.includes('before='));
    }
    expect(seen).toEqual(entries.map(({ label }) => label).toReversed());
  });

  it('shows one kind of proof, and keeps to it on further pages', async () => {
    const { ann, clock, kept } = await annWithActivity();
    await fill(kept, 'id-ann', 200, clock.now());
    const { text } = await ann.page('/2fa/security/activity?type=webauthn').expect(200);
    expect(text).toContain('<option value="webauthn" selected>');
    expect(text.match(/<li class="panel-row">/g)).toHaveLength(50);
    const older = linksIn(text).find((href) => href.includes('before=')) ?? '';
    expect(older).toContain('type=webauthn');
    const { body } = await ann.get(older).expect(200);
    expect(body.events).toHaveLength(17);
    const events: readonly { type: string }[] = body.events;
    expect(new Set(events.map(({ type }) => type))).toEqual(new Set(['webauthn']));
    expect(body.next).toBeNull();
    const { body: all } = await ann.get('/2fa/security/activity?type=').expect(200);
    expect(all.events).toHaveLength(50);
    expect(all.next).toBe(all.events[49].id);
  });

  it.each([
    ['?type=nonsense', 'type'],
    ['?type=constructor', 'type'],
    ['?before=zzz', 'before'],
    ['?before=%00', 'before'],
    ['?before=$gt', 'before'],
  ])('refuses %s by name', async (query, field) => {
    const { ann } = await annWithActivity();
    const { body } = await ann.get(`/2fa/security/activity${query}`).expect(400);
    expect(body.error).toMatchObject({ code: 'malformed', field });
    await ann.page(`/2fa/security/activity${query}`).expect(400);
  });

  it('names only days, and escapes what people called their factors', async () => {
    const { ann, clock, kept } = await annWithActivity();
    const [entry] = await fill(kept, 'id-ann', 1, clock.now());
    if (entry) await kept.append({ ...entry, id: timeOrderedId(clock.now(), 9), label: '<b>"x"</b>' });
    const { text } = await ann.page('/2fa/security/activity').expect(200);
    expect(text).toContain('&lt;b&gt;');
    expect(text).not.toContain('<b>');
  });

  it('says in words what became of a request for access, as its downloads do, also where that was not kept', async () => {
    const { ann, clock, kept } = await annWithActivity();
    await kept.remove(userId('id-ann'));
    const step = {
      userId: userId('id-ann'),
      at: clock.now(),
      name: 'recovery.changed',
      result: 'ok',
      browser: null,
      address: null,
    } as const;
    for (const [nth, label] of ['started', 'in_review', 'not a state'].entries())
      await kept.append({ ...step, label, id: timeOrderedId(clock.now(), nth) });
    await kept.append({ ...step, id: timeOrderedId(clock.now(), 3) });
    const url = '/2fa/security/activity';
    const { body } = await ann.get(url).expect(200);
    const words = [
      undefined,
      'Request for access',
      'Request for access: evidence given, being checked',
      'Request for access opened',
    ];
    const events: readonly { name: string; label?: string }[] = body.events;
    expect(events.map(({ label }) => label)).toEqual(words);
    expect(new Set(events.map(({ name }) => name))).toEqual(new Set(['recovery.changed']));
    const { text: csv } = await ann.page(`${url}.csv`).expect(200);
    expect(csv).toContain(',recovery.changed,ok,,Request for access opened,');
    const { text } = await ann.page(url).expect(200);
    const shown = [...text.matchAll(/<strong>(Request[^<]*)<\/strong>/g)].map(([, said]) => said);
    expect(shown).toEqual(words.map((said) => said ?? 'Request for access'));
    const { text: czech } = await ann.page(url).set('Accept-Language', 'cs').expect(200);
    expect(czech).toContain('<strong>Podána žádost o přístup</strong>');
  });

  it('is one line of Security and login, with the last change', async () => {
    const { ann, clock } = await annWithActivity();
    clock.move(2 * 24 * 60 * minutes);
    const agent = ann;
    const { text } = await agent.page('/2fa/security');
    expect(text).toMatch(/Last change 2 days ago, on <time/);
    expect(linksIn(text)).toContain('/2fa/security/activity');
  });
});

describe('The whole of it as a download', () => {
  it('is a table that no spreadsheet takes for formulas', async () => {
    const { ann, clock, kept } = await annWithActivity();
    await kept.remove(userId('id-ann'));
    const labels = ['=1+1', '+1', '-1', '@SUM(A1)', '\t=1', '\r=1', '＝1', 'a "b", c', 'two\nlines', 'Účet'];
    for (const [nth, label] of labels.entries()) {
      const [entry] = await fill(kept, 'id-ann', 1, clock.now());
      if (entry) await kept.append({ ...entry, id: timeOrderedId(clock.now(), nth), label });
    }
    const { text, headers } = await ann.page('/2fa/security/activity.csv').expect(200);
    expect(headers['content-type']).toBe('text/csv; charset=utf-8');
    expect(headers['content-disposition']).toMatch(
      /^attachment; filename="?test-app-activity-ann-\d{4}-\d\d-\d\d\.csv"?$/,
    );
    expect(headers['cache-control']).toBe('no-store');
    expect(text.startsWith('\uFEFFat,name,result,type,label,browser,address,id\r\n')).toBe(true);
    for (const cell of [
      "'=1+1",
      "'+1",
      "'-1",
      "'@SUM(A1)",
      "'\t=1",
      `"'\r'=1"`,
      "'＝1",
      '"a ""b"", c"',
      '"two\nlines"',
      'Účet',
    ])
      expect(text).toContain(`,${cell},Chrome on Windows,203.0.113.7,`);
    expect(text.split(/\r\n/).filter((line) => /^[=+\-@]/.test(line))).toEqual([]);
  });

  it('is JSON of every entry, and not of 50', async () => {
    const { ann, clock, kept } = await annWithActivity();
    await fill(kept, 'id-ann', 1_100, clock.now() - 24 * 60 * minutes);
    const { body, headers } = await ann.page('/2fa/security/activity.json').expect(200);
    expect(Object.keys(body)).toEqual(['events']);
    expect(body.events).toHaveLength(1_000);
    expect(headers['content-type']).toMatch(/^application\/json/);
    expect(headers['content-disposition']).toMatch(
      /^attachment; filename="?test-app-activity-ann-.*\.json"?$/,
    );
    expect(headers['cache-control']).toBe('no-store');
  });
});

const routes = ['/2fa/security/activity', '/2fa/security/activity.csv', '/2fa/security/activity.json'];

describe('Activity is nobody else’s business', () => {
  it.each([
    ...routes,
    '/2fa/security/activity?type=totp',
    '/2fa/security/activity?type=webauthn',
    '/2fa/security/activity?before=BOBS',
    '/2fa/security/activity?before=BOBS&type=totp',
    '/2fa/security/activity?userId=id-bob',
    '/2fa/security/activity.csv?userId=id-bob',
  ])('%s shows nothing of others', async (route) => {
    const { ann, clock, kept } = await annWithActivity();
    const bobs = await fill(kept, 'id-bob', 60, clock.now() + minutes);
    await fill(kept, 'id-ann', 60, clock.now());
    const url = route.replace('BOBS', bobs.at(-1)?.id ?? '');
    for (const { text } of [await ann.get(url).expect(200), await ann.page(url).expect(200)]) {
      expect(text).not.toContain('id-bob');
      expect(bobs.filter(({ id }) => id !== bobs.at(-1)?.id && text.includes(id))).toEqual([]);
      expect(text).toContain('id-ann');
    }
  });

  it.each(routes)('%s needs a complete login', async (route) => {
    const host = await annWithActivity();
    expect(errorCode(await browser(host.app).get(route).expect(401))).toBe('sign_in_required');
    const half = await halfLogin(host);
    expect(errorCode(await half.get(route).expect(401))).toBe('second_factor_required');
    expect((await half.page(route).expect(303)).headers.location).toContain('/2fa?to=');
  });
});

describe('Without the option', () => {
  it.each(routes)('there is no %s', async (route) => {
    const { ann } = await withAnn();
    expect(errorCode(await ann.get(route).expect(404))).toBe('not_found');
  });

  it('there is no link to it either, and activityOf says what is missing', async () => {
    const { ann, twoFactor } = await withAnn();
    const { text } = await ann.page('/2fa/security').expect(200);
    expect(text).not.toContain('activity');
    await expect(twoFactor.activityOf('id-ann')).rejects.toMatchObject({
      code: 'bad_option',
      message: 'activityOf() needs the option activity.',
    });
  });
});

describe('A store of activity that fails', () => {
  const never = () => new Promise<never>(() => undefined);
  const frozen = (store: ActivityStore) => override(store, { append: never, list: never, remove: never });

  it('delays nobody who signs in, and leaves Security and login as it is without its line', async () => {
    const host = await withAnn({ activity: frozen(memoryActivity()), deadline: 600 });
    const { ann, app, clock, code } = host;
    await ann.signOut();
    const again = browser(app);
    const started = performance.now();
    await again.signIn('ann').expect(401);
    clock.move(30 * seconds);
    await again.post('/2fa/totp', { code: code() }).expect(200);
    expect(performance.now() - started).toBeLessThan(500);
    const { text } = await again.page('/2fa/security').expect(200);
    expect(text).toContain('No recent changes to how you sign in');
    expect(errorCode(await again.get('/2fa/security/activity'))).toBe('unavailable');
    expect(errorCode(await again.get('/2fa/security/activity.csv'))).toBe('unavailable');
  });

  it('is written to until close() gives up, and what was lost is told', async () => {
    const { twoFactor } = await withAnn({ activity: frozen(memoryActivity()), deadline: 100 });
    let lost = 0;
    const told: unknown[] = [];
    twoFactor.on('activity.dropped', ({ dropped, userId: of }, context) => {
      lost += dropped;
      told.push(of, context);
    });
    await twoFactor.close();
    await until(2_000, 'all to be told', () => lost === 4);
    expect(told.slice(0, 2)).toEqual(['id-ann', null]);
  });

  it('throws what it likes: nobody else is told', async () => {
    const failing = override(memoryActivity(), {
      append: () => {
        throw new Error('the driver and its secrets');
      },
      list: () => Promise.reject(new Error('the driver and its secrets')),
    });
    const { ann } = await withAnn({ activity: failing });
    const { text } = await ann.get('/2fa/security/activity').expect(503);
    expect(text).not.toContain('driver');
  });
});

describe('close()', () => {
  it('writes what is still waiting', async () => {
    const slow = memoryActivity();
    const held = override(slow, {
      append: async (entry) => {
        await new Promise((resolve) => setTimeout(resolve, 20));
        return slow.append(entry);
      },
    });
    const { twoFactor } = hostApp({ activity: held });
    for (const user of ['a', 'b', 'c']) await twoFactor.signOutEverywhere(user);
    await twoFactor.close();
    for (const user of ['a', 'b', 'c'])
      expect(await slow.list(userId(user), { limit: 9 })).toMatchObject([
        { name: 'logins.ended', byApp: true },
      ]);
  });
});

describe('activityOf()', () => {
  it.each([
    [{ limit: 0 }, 'activityOf.limit is out of range: 0.'],
    [{ limit: 1001 }, 'activityOf.limit is out of range: 1001.'],
    [{ limit: '50' }, 'activityOf.limit is not a number.'],
    [{ before: { $gt: '' } }, 'activityOf.before is not an id.'],
    [{ type: 'sms' }, 'activityOf.type is not a kind of proof.'],
    [{ befor: 'x' }, 'There is no option activityOf.befor.'],
    ['50', 'activityOf() got options that are not an object.'],
  ])('refuses %j', async (query, message) => {
    const { twoFactor } = hostApp({ activity: memoryActivity() });
    await expect(twoFactor.activityOf('id-ann', query as never)).rejects.toMatchObject({
      code: 'bad_option',
      message,
    });
  });
});
