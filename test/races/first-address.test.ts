import { seconds } from '../support/clock';
import { mostIn, pass, someIn } from './codes-cast';
import { expectRaced, isLong } from './race';
import type { Client } from './world/client';
import type { World } from './world/world';

const both = ['one', 'other'];
const path = '/2fa/security/otp-email';

/** The code that was sent to prove an address. */
async function codeTo(world: World, client: Client, address: string): Promise<string> {
  const { status } = await client.send('POST', `${path}/send`, { address });
  if (status !== 200) throw new Error(`nothing was sent: ${status}`);
  pass(world, 31 * seconds);
  return world.mail.newest;
}

it('Of two addresses that are proven at once, the first factor is the one that its owner was told of', () =>
  expectRaced('two addresses for the first factor', {
    mails: true,
    before: async (world) => {
      const ann = world.client();
      await ann.logIn('ann');
      const first = await codeTo(world, ann, 'one@mail.example');
      return { ann, codes: [first, await codeTo(world, ann, 'other@mail.example')] as const };
    },
    mostFaults: isLong ? 1 : 0,
    operations: ({ ann, codes }) => ({
      one: () => ann.copy().send('POST', path, { code: codes[0] }),
      other: () => ann.copy().send('POST', path, { code: codes[1] }),
    }),
    check: (end) => [mostIn(end, both), someIn(end, both)],
  }));
