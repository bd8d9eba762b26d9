import type { UserId } from '../../lib/account/account';
import { createKeyRing } from '../../lib/crypto/key-ring';
import { createLinks } from '../../lib/crypto/links';
import { createSeal } from '../../lib/crypto/seal';
import { codeAt } from '../support/browser-agent';
import { testKey } from '../support/host-app';
import { seconds } from '../support/clock';
import { savesOver } from './broken';
import { enrolledAnn, type Enrolled } from './cast';
import { expectRaced, expectViolation, isLong, type Race } from './race';
import type { Client } from './world/client';
import type { World, WorldOptions } from './world/world';

const ann = 'id-ann' as UserId;

const told: WorldOptions = {
  notices: true,
  secondFactor: {
    users: {
      id: ({ id }) => id,
      name: ({ name }) => name,
      contacts: () => [{ channel: 'email', address: 'ann@example.com', since: new Date(0) }],
    },
  },
};

interface Start extends Enrolled {
  /** Signed in by ann's code, it has added an app of its own. */
  readonly intruder: Client;
  readonly theirs: string;
  /** In the mail that told ann of it. */
  readonly link: string;
}

async function intruded(world: World): Promise<Start> {
  const enrolled = await enrolledAnn(world);
  const intruder = world.client();
  await intruder.logIn('ann');
  await intruder.totp(enrolled.code);
  const secret = String((await intruder.beginTotp()).body.secret);
  const { body } = await intruder.confirmTotp(codeAt(secret, world.clock.now()), 'Theirs');
  world.clock.move(30 * seconds);
  const account = await world.accounts.load(ann);
  const id = account?.objections?.find(({ told: [one] }) => one?.label === 'Theirs')?.id ?? '';
  const links = createLinks(createSeal(createKeyRing([testKey])));
  return {
    ...enrolled,
    intruder,
    theirs: (body as { factor: { id: string } }).factor.id,
    link: `/2fa/object/${links.make('object', { userId: ann, id })}`,
  };
}

type Work = (start: Start, world: World) => Promise<unknown>;

/** What happens while ann, or whoever reads her mail, stops it. */
const meanwhile: Record<string, Work> = {
  'the same link in another tab': ({ link }, world) => world.client().send('POST', link),
  "the intruder's removal of ann's app": ({ intruder, factorId }) => intruder.copy().remove(factorId),
  "the intruder's removal of their own app": ({ intruder, theirs }) => intruder.copy().remove(theirs),
  'a sign-in by ann': async ({ secret }, world) => {
    const client = world.client();
    await client.logIn('ann');
    return client.totp(codeAt(secret, world.clock.now()));
  },
};

const beside = (work: Work, world: WorldOptions = told): Race<Start> => ({
  mails: true,
  world,
  before: intruded,
  mostFaults: isLong ? 2 : 1,
  operations: (start, at) => ({
    object: () => at.client().send('POST', start.link),
    other: () => work(start, at),
  }),
  check: (end, { theirs, sid }) => {
    const account = end.account('ann');
    const isStopped = account?.hold !== undefined;
    const isInUse = account?.factors.some(({ id }) => id === theirs) ?? false;
    return [
      end.didWell('object') && !isStopped && 'it was told that it is stopped, and it is not',
      isStopped && isInUse && 'what was added still signs in',
      isStopped && end.seen(sid).app !== null && 'a login of before is still in force',
      end.didWell('object') && end.didWell('other') && end.answer('other')?.body.status === 'objected'
        ? 'one link was used twice'
        : null,
    ];
  },
});

describe('An objection', () => {
  it.each(Object.entries(meanwhile))('holds beside %s, and whoever dies', (name, work) =>
    expectRaced(`an objection beside ${name}`, beside(work)),
  );

  it('would be lost in a store that saves over anything', () =>
    expectViolation(
      'an objection beside the same link',
      beside(({ link }, world) => world.client().send('POST', link), { ...told, accounts: savesOver }),
    ));
});
