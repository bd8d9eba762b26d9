import { codeAt } from '../support/browser-agent';
import { minutes, seconds } from '../support/clock';
import { elsewhere, enrolledAnn, settingUp } from './cast';
import { pass } from './codes-cast';
import { expectRaced, expectViolation, isLong, type Race } from './race';
import type { Client } from './world/client';
import type { End } from './world/end';
import type { World, WorldOptions } from './world/world';

/** ann has an app and has begun to add another one. */
async function addingAnother(world: World) {
  const enrolled = await enrolledAnn(world);
  const secret = String((await enrolled.ann.beginTotp()).body.secret);
  return { ...enrolled, newSecret: secret };
}

/** Neither her proof nor her set-up is young enough by then. */
const goStale = (world: World): void => pass(world, 11 * minutes);

const confirm = ({ ann, newSecret }: { ann: Client; newSecret: string }, world: World) =>
  ann.copy().confirmTotp(codeAt(newSecret, world.clock.now()));

const isAdded = (end: End, factorId: string): boolean =>
  end.account('ann')?.factors.some(({ id }) => id !== factorId) ?? false;

const staleAndAStepUp = (world: WorldOptions = {}): Race<Awaited<ReturnType<typeof addingAnother>>> => ({
  world,
  before: async (w) => {
    const start = await addingAnother(w);
    goStale(w);
    return start;
  },
  operations: (start, w) => ({
    stale: () => confirm(start, w),
    'step-up': () => start.ann.copy().totp(codeAt(start.secret, w.clock.now())),
  }),
  check: (end, { factorId }) => [isAdded(end, factorId) && 'a stale session has added a factor'],
});

describe('A set-up whose login went stale is never made real by it', () => {
  it('beside a step-up of the same session', () =>
    expectRaced('a stale set-up is confirmed, a step-up', staleAndAStepUp()));

  it('which the explorer would find', () =>
    expectViolation(
      'a stale set-up that counts as fresh is confirmed, a step-up',
      staleAndAStepUp({ secondFactor: { fresh: '1h' } }),
    ));

  it('beside the removal of the factor that had proven it', () =>
    expectRaced('a stale set-up is confirmed, the factor is removed', {
      before: async (world) => {
        const start = await addingAnother(world);
        goStale(world);
        return { ...start, other: await elsewhere(world, start) };
      },
      operations: (start, world) => ({
        stale: () => confirm(start, world),
        removal: () => start.other.copy().remove(start.factorId),
      }),
      check: (end, { factorId }) => [
        isAdded(end, factorId) && 'a stale session has added a factor',
        !end.hasFault && !end.didWell('removal') && 'the removal was refused',
      ],
    }));

  it('beside a login that does the same with a fresh one', () =>
    expectRaced('a stale first set-up is acknowledged, a fresh one too', {
      before: async (world) => {
        const stale = await settingUp(world);
        goStale(world);
        return { stale, fresh: await settingUp(world) };
      },
      mostFaults: isLong ? 1 : 0,
      operations: ({ stale, fresh }) => ({
        stale: () => stale.client.copy().acknowledge(stale.backupCodes[0] ?? ''),
        fresh: () => fresh.client.copy().acknowledge(fresh.backupCodes[0] ?? ''),
      }),
      check: (end) => [
        end.didWell('stale') && 'a stale session has switched two-factor on',
        !end.hasFault && !end.didWell('fresh') && `the fresh one was refused: ${end.errorOf('fresh')}`,
      ],
    }));

  it('nor by a codes page that was left open, beside a step-up', () =>
    expectRaced('stale backup codes are acknowledged, a step-up', {
      before: async (world) => {
        const enrolled = await enrolledAnn(world);
        const { body } = await enrolled.ann.renewCodes();
        goStale(world);
        return { ...enrolled, codes: (body as { backupCodes: string[] }).backupCodes };
      },
      operations: ({ ann, secret, codes }, world) => ({
        stale: () => ann.copy().acknowledge(codes[0] ?? ''),
        'step-up': () => ann.copy().totp(codeAt(secret, world.clock.now())),
      }),
      check: (end) => [end.didWell('stale') && 'a stale session has replaced the codes'],
    }));

  it.each(['confirmed', 'acknowledged'] as const)('when its time ends in the midst of it: %s', (how) =>
    expectRaced(`a set-up is ${how}, its time ends`, {
      before: async (world) => {
        if (how === 'acknowledged') {
          const { client, backupCodes } = await settingUp(world);
          return { finish: () => client.copy().acknowledge(backupCodes[0] ?? ''), factorId: '' };
        }
        const start = await addingAnother(world);
        const code = codeAt(start.newSecret, world.clock.now());
        return { finish: () => start.ann.copy().confirmTotp(code), factorId: start.factorId };
      },
      mostFaults: isLong ? 1 : 0,
      operations: ({ finish }, world) => ({ finish, time: world.jumping('time', [11 * minutes]) }),
      remembersDead: true,
      check: (end, { factorId }) => {
        // What its rule decided on was read in the last load before the save.
        const isOver = end.lastStepOf('time', 'jumps') < end.lastStepOf('finish', 'accounts.load');
        return [isAdded(end, factorId) && isOver && 'a factor was added after the time of its set-up'];
      },
    }),
  );
});

describe('A code proves the address that was asked for last', () => {
  const path = '/2fa/security/otp-email';
  const send = (client: Client, address: string) => client.send('POST', `${path}/send`, { address });

  it('also where it is typed while another one is asked for', () =>
    expectRaced('the code of an address is typed, another address is asked for', {
      mails: true,
      before: async (world) => {
        const ann = world.client();
        await ann.logIn('ann');
        await send(ann, 'one@mail.example');
        pass(world, 31 * seconds);
        return { ann, code: world.mail.newest };
      },
      operations: ({ ann, code }) => ({
        typed: () => ann.copy().send('POST', path, { code }),
        change: () => send(ann.copy(), 'other@mail.example'),
      }),
      remembersDead: true,
      check: (end) => {
        const isChanged = end.didWell('change');
        const wasBefore =
          end.lastStepOf('change', 'pending.codes.put') < end.lastStepOf('typed', 'pending.tries.count');
        return [
          isChanged && wasBefore && end.didWell('typed') && 'the address that was given up was proven',
          !end.hasFault && !end.didWell('typed') && !isChanged && 'neither got through',
        ];
      },
    }));
});
