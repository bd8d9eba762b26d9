import { browser, codeAt, errorCode } from '../../support/browser-agent';
import { days, hours, minutes } from '../../support/clock';
import { base, reason } from '../../admin/a-desk';
import { annsMail, annsPhone, foreign, handles, office, Thief, type Office } from './office';

describe('By themselves', () => {
  let at: Office;
  beforeEach(async () => (at = await office()));

  it('I1: whoever reads her mail has one point, which nobody can approve, and links that stop it', async () => {
    const thief = await Thief.begins(at, annsMail);
    await thief.confirms();
    await thief.claims('video');
    expect(await thief.sum()).toBe(1);
    expect(await handles(at, 'rita', 'recommend')).toMatch(/^not_yet/);
    expect(await handles(at, 'boss', 'approve')).toMatch(/^not_yet/);
    await at.later(minutes);
    expect(at.linksAt(annsMail, 'ticket')).toEqual([]);
    await browser(at.app)
      .post(at.linksAt(annsMail, 'cancel')[0] ?? '')
      .expect(200);
    expect(await at.state()).toBe('cancelled_by_owner');
  });

  it('whoever has her number, or her password, has one point', async () => {
    const byPhone = await Thief.begins(at, annsPhone);
    await byPhone.confirms();
    await byPhone.claims('certified');
    expect(await byPhone.sum()).toBe(1);
    expect(await handles(at, 'boss', 'approve')).toMatch(/^not_yet/);
    await byPhone.agent.post(`${byPhone.url}/withdraw`).expect(200);

    const byPassword = await Thief.begins(at, foreign, true);
    await byPassword.confirms();
    await byPassword.claims('esign');
    expect(await byPassword.sum()).toBe(1);
    expect(await handles(at, 'boss', 'approve')).toMatch(/^not_yet/);
  });

  it('I9: an administrator begins a request, learns nothing that opens it, and may not handle it', async () => {
    const boss = await at.at('boss');
    const { body } = await boss.post(`${base}/users/id-ann/reset`, { reason }).expect(201);
    expect(JSON.stringify(body)).not.toContain('/lost/');
    expect(Object.keys(body).toSorted()).toEqual(['reference', 'state']);
    for (const verb of ['recommend', 'approve'] as const)
      expect(await handles(at, 'boss', verb)).toBe('forbidden');
    for (const path of ['live-code', 'live-code/confirm'])
      await boss.post(`${base}/users/id-ann/${path}`, { reason }).expect(404);
  });

  it('a stranger is refused after twenty an hour, whomever they name', async () => {
    const asks = async (identifier: string) =>
      errorCode(
        await browser(at.app).post('/2fa/lost/requests', {
          identifier,
          lost: ['totp'],
          contact: { channel: 'email', address: foreign },
        }),
      );
    const answers: (string | undefined)[] = [];
    for (let times = 0; times < 22; times += 1) answers.push(await asks(times % 2 ? 'ann' : 'nobody'));
    expect(answers.slice(0, 20).filter(Boolean)).toEqual([]);
    expect(answers.slice(20)).toEqual(['slow_down', 'slow_down']);
    await at.later(minutes);
    // However many were asked for, ann is told of the one there is.
    expect(at.linksAt(annsMail, 'cancel')).toHaveLength(1);
  });

  it('a stranger ends her logins once a day at most', async () => {
    const block = () => browser(at.app).post('/2fa/lost/block', { identifier: 'ann' }).expect(202);
    await block();
    const ann = await at.signedIn('ann');
    await block();
    await ann.get('/billing').expect(200);
    await at.later(25 * hours);
    await block();
    await ann.get('/billing').expect(401);
  });

  it('a code on its way to her mail is guessed at ten times, however often it is sent', async () => {
    const thief = await Thief.begins(at, foreign);
    await thief.confirms();
    const evidence = (code?: string) =>
      thief.agent.post(`${thief.url}/evidence`, { kind: 'mail', ...(code && { code }) });
    const answers: (string | undefined)[] = [];
    for (let times = 0; times < 3; times += 1) {
      await evidence().expect(202);
      const wrong = at.codeAt(annsMail) === '000000' ? '000001' : '000000';
      for (let guess = 0; guess < 5; guess += 1) answers.push(errorCode(await evidence(wrong)));
      await at.later(10 * minutes);
    }
    expect(answers).toEqual([...Array<string>(10).fill('wrong_code'), ...Array<string>(5).fill('locked')]);
    await evidence().expect(202);
    expect(errorCode(await evidence(at.codeAt(annsMail)))).toBe('locked');
  });
});

describe('Two of them', () => {
  let at: Office;
  beforeEach(async () => (at = await office()));

  it('do not get in with password and mail: it takes a third', async () => {
    const thief = await Thief.begins(at, annsMail, true);
    await thief.confirms();
    await thief.claims('video');
    expect(await thief.sum()).toBe(2);
    expect(await handles(at, 'rita', 'recommend')).toMatch(/^not_yet/);
  });

  it('do not get in with the password and one reviewer, who says yes to anything', async () => {
    const thief = await Thief.begins(at, foreign, true);
    await thief.confirms();
    await thief.claims('video');
    expect(await handles(at, 'rita', 'match')).toBe('in_review');
    expect(await handles(at, 'rita', 'recommend')).toBe('in_review');
    expect(await thief.sum()).toBe(4);
    expect(await handles(at, 'rita', 'approve')).toBe('not_yet: the recommendation of another person');
    await at.later(29 * days);
    expect(at.linksAt(foreign, 'ticket')).toEqual([]);
  });

  it('get a link where both decide, after a week of notices, and nothing by it', async () => {
    const thief = await Thief.begins(at, foreign);
    await thief.confirms();
    await thief.claims('video');
    await thief.agent.post(`${thief.url}/evidence`, { kind: 'invoice', facts: { number: '1' } }).expect(202);
    expect(await handles(at, 'rita', 'match')).toBe('in_review');
    expect(await handles(at, 'rita', 'match')).toBe('in_review');
    expect(await handles(at, 'rita', 'recommend')).toBe('in_review');
    expect(await handles(at, 'boss', 'approve')).toBe('approved_waiting');
    await at.later(7 * days - minutes);
    expect(at.linksAt(foreign, 'ticket')).toEqual([]);
    await at.later(2 * minutes);
    const [ticket = ''] = at.linksAt(foreign, 'ticket');
    const stranger = browser(at.app);
    await stranger.get(ticket).expect(200);
    await stranger.post(ticket).expect(422);
    const guesses = [];
    for (let times = 0; times < 6; times += 1)
      guesses.push(errorCode(await stranger.post(ticket, { password: `guess ${times}` })));
    expect(guesses).toEqual([...Array<string>(5).fill('wrong_code'), 'not_found']);
    await thief.agent.post(`${thief.url}/ticket`).expect(200);
    await at.later(minutes);
    const [another = ''] = at.linksAt(foreign, 'ticket');
    expect(another).not.toBe(ticket);
    // A code goes to what is on file, which is not theirs.
    await stranger.post(`${another}/send`).expect(200);
    expect(at.codeAt(annsPhone) || at.codeAt(annsMail)).not.toBe('');
    expect(at.inbox(foreign).filter(({ id }) => id === undefined)).toHaveLength(1);
    // All the while ann was told, by mail and by phone, each time with a link that still stops it.
    expect(at.linksAt(annsMail, 'cancel').length).toBeGreaterThanOrEqual(6);
    expect(at.linksAt(annsPhone, 'cancel').length).toBeGreaterThanOrEqual(4);
    await browser(at.app)
      .post(at.linksAt(annsPhone, 'cancel').at(-1) ?? '')
      .expect(200);
    expect(await at.state()).toBe('cancelled_by_owner');
    await stranger.get(another).expect(404);
  });
});

describe('Three of them', () => {
  it('get in with two who decide and the password, after the whole week, unless ann reads one notice of it', async () => {
    const at = await office();
    const thief = await Thief.begins(at, foreign, true);
    await thief.confirms();
    await thief.claims('video');
    expect(await handles(at, 'rita', 'match')).toBe('in_review');
    expect(await handles(at, 'rita', 'recommend')).toBe('in_review');
    expect(await handles(at, 'boss', 'approve')).toBe('approved_waiting');
    await at.later(7 * days);
    const [ticket = ''] = at.linksAt(foreign, 'ticket');
    const agent = browser(at.app);
    await agent.post(ticket, { password: 'right' }).expect(200, { status: 'enrol', url: '/2fa/enrol' });
    // What they are in can do nothing but set up a factor.
    expect(errorCode(await agent.get('/billing'))).toBe('enrol_first');
    expect(errorCode(await agent.get('/2fa/security/logins'))).toBe('enrol_first');
    const { body } = await agent.get('/2fa/security/totp').expect(200);
    const code = codeAt(body.secret, at.clock.now());
    const confirmed = await agent.post('/2fa/security/totp', { code }).expect(201);
    // The first link that she was sent still works, and comes first.
    await browser(at.app)
      .post(at.linksAt(annsMail, 'cancel').at(-1) ?? '')
      .expect(200);
    const [backupCode] = confirmed.body.backupCodes;
    await agent.post('/2fa/security/backup-codes/acknowledge', { code: backupCode }).expect(401);
    expect(await at.state()).toBe('cancelled_by_owner');
    await at.signedIn('ann');
  });
});

describe('A stranger who asks again and again', () => {
  it('is heard three times in 30 days, and whoever has the password is heard all the same', async () => {
    const at = await office();
    for (let day = 0; day < 10; day += 1) {
      const stranger = await Thief.begins(at, foreign);
      await stranger.confirms();
      await stranger.agent.post(`${stranger.url}/withdraw`).expect(200);
      await at.later(days);
    }
    // At most three notices each: begun, confirmed, withdrawn.
    expect(at.inbox(annsMail).length).toBeLessThanOrEqual(9);
    const owner = await Thief.begins(at, annsMail, true);
    await owner.confirms();
    expect(await owner.sum()).toBe(2);
  });
});

describe('An address that is new', () => {
  it('is answered by the long way, though nobody had looked since it was put there', async () => {
    const at = await office();
    at.move(foreign);
    const thief = await Thief.begins(at, foreign, true);
    await thief.confirms();
    await thief.claims('video');
    expect(await handles(at, 'rita', 'match')).toBe('in_review');
    expect(await handles(at, 'rita', 'recommend')).toBe('in_review');
    expect(await handles(at, 'boss', 'approve')).toBe('approved_waiting');
    const { recoveries: [request] = [], reachChangedAt } = await at.accountOf('ann');
    expect(reachChangedAt).toBeDefined();
    expect((request?.earliestAt ?? 0) - at.clock.now()).toBeGreaterThan(6 * days);
    // Where she was reached before is told as well.
    await at.later(minutes);
    expect(at.linksAt(annsMail, 'cancel').length).toBeGreaterThan(0);
  });

  it('check 62: makes a wait longer that has begun', async () => {
    const at = await office();
    const thief = await Thief.begins(at, annsMail, true);
    await thief.confirms();
    await thief.proves('phone');
    expect(await handles(at, 'rita', 'recommend')).toBe('in_review');
    expect(await handles(at, 'boss', 'approve')).toBe('approved_waiting');
    const approvedAt = at.clock.now();
    at.move(foreign);
    // The first reminder looks where she is reached.
    await at.later(36 * hours);
    await at.later(36 * hours + minutes);
    expect(await at.state()).toBe('approved_waiting');
    expect((await at.accountOf('ann')).recoveries?.[0]?.earliestAt).toBe(approvedAt + 7 * days);
    await at.later(4 * days);
    expect(await at.state()).toBe('ready');
  });
});
