import type { SecondFactorOptions } from '../../lib';
import { codeAt, enrolTotp, halfLogin, browser } from '../support/browser-agent';
import { days, minutes } from '../support/clock';
import { give, ofType } from '../support/codes-app';
import type { TestUser } from '../support/host-app';
import { annEnrolled, subjects, toldApp, type ToldApp } from './cast';

type Contacts = NonNullable<SecondFactorOptions<TestUser>['users']['contacts']>;

const withContacts = (contacts: Contacts, given: Parameters<typeof toldApp>[0] = {}): ToldApp =>
  toldApp({
    ...given,
    users: {
      id: (user) => user.id,
      name: (user) => user.name,
      byId: (id) => ({ id, name: 'ann' }),
      contacts,
    },
  });

const addresses = async (host: ToldApp): Promise<string[]> =>
  (await host.told()).map(({ to }) => to).toSorted();

describe('Told are', () => {
  it('the addresses that the app names, each once, and none that it says is dead', async () => {
    const host = withContacts(() => [
      { channel: 'email', address: 'Ann@Example.com' },
      { channel: 'email', address: ' ann@example.com ' },
      { channel: 'email', address: 'ann@office.example' },
      { channel: 'email', address: 'dead@example.com', usable: false },
      { channel: 'email', address: 'no address' },
    ]);
    await annEnrolled(host);
    expect(await addresses(host)).toEqual(['Ann@example.com', 'ann@office.example']);
  });

  it('the mailboxes that were proven, also without the app', async () => {
    const { mail } = toldApp();
    const host = toldApp({ email: { send: mail }, users: { id: ({ id }) => id, name: () => 'ann' } });
    await give(host, 'otp-email', 'box@mail.example');
    await host.twoFactor.signOutEverywhere('id-ann');
    await host.told();
    expect(mail.sent.map(({ to }) => to)).toEqual(['box@mail.example']);
  });

  it('phones only where there is no mailbox, and only if the app allows it', async () => {
    for (const [notices, contacts, told] of [
      [true, ['+420603123456'], ['+420603123456']],
      [true, ['+420603123456', 'ann@example.com'], ['ann@example.com']],
      [false, ['+420603123456'], []],
    ] as const) {
      const { mail } = toldApp();
      const host = withContacts(
        () =>
          contacts.map((address) => ({ channel: address.includes('@') ? 'email' : 'sms', address }) as const),
        { sms: { send: mail, notices }, email: { send: mail } },
      );
      await annEnrolled(host);
      await host.told();
      expect(mail.sent.map(({ to }) => to)).toEqual(told);
    }
  });

  it('ASVS 6.3.7: for 30 days also the address that was there before, and that it changed', async () => {
    let address = 'old@example.com';
    const host = withContacts(() => [{ channel: 'email', address }]);
    const { secret } = await annEnrolled(host);
    expect(await addresses(host)).toEqual(['old@example.com']);

    address = 'new@example.com';
    host.clock.move(minutes);
    const other = await halfLogin(host);
    await other.post('/2fa/totp', { code: codeAt(secret, host.clock.now()) }).expect(200);
    const changed = (await host.told()).slice(1);
    expect(subjects(changed)).toEqual(Array(2).fill('Your contact details at Test App were changed'));
    expect(changed.map(({ to }) => to).toSorted()).toEqual(['new@example.com', 'old@example.com']);
    expect(host.events.map(({ name }) => name)).toContain('contacts.changed');

    host.clock.move(29 * days);
    await host.twoFactor.signOutEverywhere('id-ann');
    expect(
      (await host.told())
        .slice(3)
        .map(({ to }) => to)
        .toSorted(),
    ).toEqual(['new@example.com', 'old@example.com']);
    host.clock.move(2 * days);
    await host.twoFactor.signOutEverywhere('id-ann');
    expect((await host.told()).slice(5).map(({ to }) => to)).toEqual(['new@example.com']);
  });

  it.each([
    ['many others at once', 1, 25],
    ['others again and again', 25, 1],
  ])('also where it was replaced by %s', async (_how, changes, count) => {
    let named = ['ann@example.com'];
    const host = withContacts(() => named.map((address) => ({ channel: 'email', address })));
    await annEnrolled(host);
    for (let change = 0; change < changes; change += 1) {
      host.clock.move(30 * minutes);
      named = Array.from({ length: count }, (_box, at) => `box${change}-${at}@evil.example`);
      await host.twoFactor.signOutEverywhere('id-ann');
      await host.told();
    }
    const before = (await host.told()).length;
    await host.twoFactor.signOutEverywhere('id-ann');
    expect((await host.told()).slice(before).map(({ to }) => to)).toContain('ann@example.com');
  });

  it('the phone as well, where the only mailbox does not work any more', async () => {
    const { mail } = toldApp();
    let usable = true;
    const host = withContacts(
      () => [
        { channel: 'email', address: 'ann@example.com', usable },
        { channel: 'sms', address: '+420603123456' },
      ],
      { sms: { send: mail, notices: true }, email: { send: mail } },
    );
    await annEnrolled(host);
    await host.told();
    expect(mail.sent.map(({ to }) => to)).toEqual(['ann@example.com']);
    usable = false;
    host.clock.move(minutes);
    await host.twoFactor.signOutEverywhere('id-ann');
    await host.told();
    const [, ...later] = mail.sent.map(({ to }) => to).toReversed();
    expect(later.toSorted()).toEqual(['+420603123456', 'ann@example.com']);
  });

  it('also the mailbox that was a factor until a moment ago', async () => {
    const { mail } = toldApp();
    const host = toldApp({ email: { send: mail }, users: { id: ({ id }) => id, name: () => 'ann' } });
    const { agent } = await annEnrolled(host);
    await give(host, 'otp-email', 'box@mail.example');
    const [box] = (await ofType(agent, 'otp-email'))?.factors ?? [];
    await agent.post(`/2fa/security/factors/${box?.id}/remove`).expect(200);
    await host.told();
    expect(mail.sent.map(({ to }) => to)).toEqual(['box@mail.example']);
  });
});

describe('An app that names no addresses', () => {
  const never = new Promise<never>(() => undefined);
  it.each([
    ['fails', 'failed', () => Promise.reject(new Error('the database is down'))],
    ['gives something else', 'malformed', () => 'ann@example.com'],
    ['gives addresses of another shape', 'malformed', () => [{ mail: 'ann@example.com' }]],
    ['never answers', 'slow', () => never],
  ])('because it %s holds nobody up, and it is said', async (_how, reason, contacts) => {
    let isWell = true;
    const host = withContacts((user) =>
      isWell ? [{ channel: 'email', address: user.name }] : (contacts() as never),
    );
    const { agent } = await annEnrolled(host);
    isWell = false;
    await agent.post('/2fa/security/sign-out-everywhere').expect(200);
    expect(subjects(await host.told()).at(-1)).toBe('Your devices were signed out of Test App');
    expect(host.events).toContainEqual(expect.objectContaining({ name: 'contacts.failed', reason }));
  });

  it('because it does not know the user is told so', async () => {
    const host = toldApp();
    await host.twoFactor.signOutEverywhere('id-ann');
    expect(await host.told()).toEqual([]);
    expect(host.events).toEqual([expect.objectContaining({ name: 'contacts.failed', reason: 'no_user' })]);
  });
});

describe('The language of a notice', () => {
  it('is that of its owner, not of who tries to get in', async () => {
    const host = toldApp();
    const agent = browser(host.app);
    agent.agent.set('Accept-Language', 'cs');
    await agent.signIn('ann').expect(200);
    await enrolTotp(agent, host.clock.now());
    const stranger = await halfLogin(host);
    await stranger.post('/2fa/totp', { code: '000000' }).set('Accept-Language', 'en').expect(401);
    expect(subjects(await host.told())).toEqual([
      'Dvoufázové přihlášení do Test App je zapnuté',
      'Někdo u Test App neprošel druhým krokem',
    ]);
  });

  it('and its time zone are the user’s', async () => {
    const host = toldApp({
      users: {
        id: (user) => user.id,
        name: (user) => user.name,
        timeZone: () => 'Asia/Tokyo',
        contacts: (user) => [{ channel: 'email', address: user.name }],
      },
    });
    await annEnrolled(host);
    expect((await host.told())[0]?.text).toMatch(/24 November 2026 at 21:00 (GMT\+9|JST)/);
  });
});
