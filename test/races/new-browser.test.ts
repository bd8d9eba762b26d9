import { isExhaustive } from '../support/exhaustive';
import { enrolledAnn, halfLogin, type Enrolled } from './cast';
import { expectRaced, expectViolation, isLong, type Race } from './race';
import { replacesAny, savesOver } from './broken';
import type { Client } from './world/client';
import type { End } from './world/end';
import type { World, WorldOptions } from './world/world';

interface Start extends Enrolled {
  /** A browser never seen before, whose login waits for its link. */
  readonly stranger: Client;
  readonly link: string;
  readonly loginId: string | undefined;
}

const confirms: WorldOptions = {
  texts: true,
  secondFactor: {
    newBrowser: 'confirm',
    users: {
      id: (user) => user.id,
      name: (user) => user.name,
      contacts: () => [{ channel: 'sms', address: '+420603123456' }],
    },
  },
};

async function waiting(world: World): Promise<Start> {
  const enrolled = await enrolledAnn(world);
  const stranger = await halfLogin(world);
  const { body } = await stranger.totp(enrolled.code);
  if ((body.error as { code?: string } | undefined)?.code !== 'new_browser')
    throw new Error('it did not wait');
  const login = await world.record(world.sidOf(stranger));
  return { ...enrolled, stranger, link: world.mail.newestLink, loginId: login?.loginId };
}

const confirm = (client: Client, link: string) => () => client.copy().send('POST', link);

const tabs = ['tab', 'other tab'];
const inTwice = (end: End): string | false =>
  tabs.every((name) => end.didWell(name)) && 'one link let two in';
/** Without a death somebody gets in: a link is not lost to a race. */
const nobodyIn = (end: End): string | false =>
  !end.hasFault && !tabs.some((name) => end.didWell(name)) && 'a link let nobody in';
/** Whether the login that waited lets ann in. */
const isIn = (end: End, { loginId }: Start): boolean =>
  [...end.sessions.values()].some(({ app, record }) => app === 'id-ann' && record?.loginId === loginId);

const race = (more: Partial<Race<Start>> = {}): Race<Start> => ({
  world: confirms,
  before: waiting,
  operations: ({ stranger, link }) => ({
    tab: confirm(stranger, link),
    'other tab': confirm(stranger, link),
  }),
  check: (end) => [inTwice(end), nobodyIn(end)],
  ...more,
});

/** What ends the half login that waits. */
const ends: Readonly<Record<string, (start: Start, world: World) => Promise<unknown>>> = {
  'a cancel in another tab': ({ stranger }) => stranger.copy().cancel(),
  'a block by whoever got the mail': ({ link }, world) => world.client().send('POST', `${link}/block`),
  'a sign-out everywhere': ({ ann }) => ann.copy().changePassword(),
};

describe('The link that confirms a new browser', () => {
  it('counts once, in whatever order two tabs use it', () => expectRaced('one link in two tabs', race()));

  it('counts once, although Redis loses its newest writes', () =>
    expectRaced(
      'one link in two tabs, Redis loses its newest writes',
      race({
        mayBeStale: true,
        mostFaults: isLong ? 1 : 0,
        operations: ({ stranger, link }, world) => ({
          tab: confirm(stranger, link),
          'other tab': confirm(stranger, link),
          redis: world.losing('redis', isLong ? 'newest' : 'all'),
        }),
        check: (end) => [inTwice(end)],
      }),
    ));

  it.each(Object.entries(ends))('lets nobody in who was signed out: %s', (name, end) =>
    expectRaced(
      `one link in two tabs, and ${name}`,
      race({
        mostFaults: isLong ? 1 : 0,
        operations: (start, world) => ({
          tab: confirm(start.stranger, start.link),
          ...(isExhaustive && { 'other tab': confirm(start.stranger, start.link) }),
          end: () => end(start, world),
        }),
        check: (done, start) => [
          inTwice(done),
          done.didWell('end') && isIn(done, start) && 'somebody is in although it was ended',
        ],
      }),
    ),
  );

  it('would count twice in an account store that saves over whatever is there', () =>
    expectViolation(
      'one link in two tabs, accounts saved over, records that are replaced by anybody',
      race({ world: { ...confirms, pending: replacesAny, accounts: savesOver } }),
    ));
});
