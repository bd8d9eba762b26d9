import type { UserId } from '../../lib/account/account';
import { pseudonymOf } from '../../lib/crypto/digest';
import { aProcess, LEASE, tamper, world, type World } from '../audit/cast';
import { ada, admin } from '../audit/records';
import { cli } from './cli';

const bob = 'bob' as UserId;

/** Two things were done to ada; bob, to whom one was done, is forgotten. */
async function someDone() {
  const here = world();
  const { act, forget, office, tick } = aProcess(here);
  await office.close();
  await act({ reason: 'She called' });
  await act({ actor: 'requester', reason: null, request: 'RA-BCDFGHJKLM' });
  await act({}, bob);
  await forget(bob);
  here.clock.move(LEASE);
  await tick();
  return here;
}

const configOf = ({ stored, audit, keys }: World) => ({ accounts: stored, audit, keys });
const ask = (line: string, where: World, isTTY = false) =>
  cli(`${line} --config config.mjs`, { config: configOf(where), isTTY });

describe('audit --verify', () => {
  it('says that the audit is whole, with exit code 0', async () => {
    const { code, out, err } = await ask('audit --verify', await someDone());
    expect({ code, out, err }).toEqual({
      code: 0,
      out: 'The audit is whole: 4 records of 2 users.\n',
      err: '',
    });
  });

  it('names each place that is not right, and why, with exit code 1', async () => {
    const here = tamper(await someDone(), ({ records }) => ({
      records: records.filter(({ seq, target }) => !(seq === 1 && target.pseudonym === pseudonymOf(bob))),
    }));
    const { code, out } = await ask('audit --verify', here);
    expect(code).toBe(1);
    expect(out).toBe(
      `${pseudonymOf(bob)}  1  missing  the record is not there\n` +
        'The audit is not whole: 1 finding in 3 records of 2 users.\n',
    );
  });

  it('answers as JSON too', async () => {
    const here = await someDone();
    const whole = await ask('audit --verify --json', here);
    expect(whole.code).toBe(0);
    expect(JSON.parse(whole.out)).toEqual({ whole: true, users: 2, records: 4, findings: [] });
    const cut = tamper(here, ({ records }) => ({ records: records.slice(0, 1) }));
    const { code, out } = await ask('audit --verify --json', cut);
    expect(code).toBe(1);
    expect(JSON.parse(out)).toMatchObject({
      whole: false,
      findings: expect.arrayContaining([
        { user: 'ada', pseudonym: pseudonymOf(ada), seq: 2, problem: 'missing' },
        { user: null, pseudonym: pseudonymOf(bob), seq: 2, problem: 'missing' },
      ]),
    });
  });

  it('looks at one user, if one is named', async () => {
    const here = tamper(await someDone(), ({ records }) => ({
      records: records.filter(({ target }) => target.pseudonym !== pseudonymOf(bob)),
    }));
    expect((await ask('audit --verify ada', here)).code).toBe(0);
    // Forgotten, but not by whoever knows the id.
    expect((await ask('audit --verify bob', here)).code).toBe(1);
    expect((await ask('audit --verify nobody', here)).out).toBe('The audit is whole: 0 records of 1 user.\n');
  });

  it('says so where the key is a wrong one, and not that somebody changed accounts', async () => {
    const { code, out } = await ask('audit --verify ada', { ...(await someDone()), keys: ['33'.repeat(32)] });
    expect(code).toBe(1);
    expect(out).toContain('unknown_key  it was signed by a key that is not among those given');
  });

  it('shows how far it is where somebody looks, and leaves nothing of that', async () => {
    const { err } = await ask('audit --verify', await someDone(), true);
    expect(err).toContain('1 account read');
    expect(err.endsWith('\r\u001B[K')).toBe(true);
  });
});

describe('audit', () => {
  it('lists what was done to a user, the oldest first', async () => {
    const { code, out } = await ask('audit ada', await someDone());
    expect(code).toBe(0);
    const lines = out.trimEnd().split('\n');
    expect(lines).toHaveLength(2);
    expect(lines[0]).toMatch(
      /^ada {2}1 {2}2026-11-24T12:00:01\.000Z {2}the admin {4}factor\.suspended {2}- {14}She called$/,
    );
    expect(lines[1]).toMatch(/^ada {2}2 {2}\S+ {2}\(requester\) {2}factor\.suspended {2}RA-BCDFGHJKLM$/);
  });

  it('lists everyone’s, forgotten users under their pseudonyms, one JSON object a line', async () => {
    const { out } = await ask('audit --json', await someDone());
    const records = out
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line) as unknown);
    expect(records).toHaveLength(4);
    expect(records).toContainEqual(
      expect.objectContaining({ seq: 1, target: { pseudonym: pseudonymOf(bob) } }),
    );
    expect(records).toContainEqual(
      expect.objectContaining({ seq: 1, actor: { id: admin, pseudonym: pseudonymOf(admin) } }),
    );
  });

  it('has what is still on the way in the account', async () => {
    const here = world();
    const { act, office } = aProcess(here);
    await office.close();
    await act();
    expect((await ask('audit ada', here)).out).toContain('factor.suspended');
    expect((await ask('audit bob', here)).out).toBe('No records.\n');
  });

  it('lets no reason steer the terminal', async () => {
    const here = world();
    const { act } = aProcess(here);
    await act({ reason: 'a\u001B[2Jb\nc\u009Bd\u202Ee' });
    for (const line of ['audit ada', 'audit ada --json']) {
      const { out } = await ask(line, here);
      expect(out).not.toMatch(/[^\P{C}\n]/u);
      expect(out.trimEnd().split('\n')).toHaveLength(1);
    }
    const { out } = await ask('audit ada --json', here);
    expect(JSON.parse(out).reason).toBe('a\u001B[2Jb\nc\u009Bd\u202Ee');
  });

  it('shows what somebody changed as it is', async () => {
    const here = tamper(await someDone(), ({ records }) => ({
      records: records.map((one) =>
        one.seq === 2 ? ({ seq: 2, actor: null } as unknown as typeof one) : one,
      ),
    }));
    const { code, out } = await ask('audit ada', here);
    expect(code).toBe(0);
    expect(out).toContain('She called\nchanged: {"seq":2,"actor":null}\n');
  });

  it('says what to export where the config has no audit', async () => {
    const { stored, keys } = world();
    const { code, err } = await cli('audit --config config.mjs', { config: { accounts: stored, keys } });
    expect(code).toBe(2);
    expect(err).toBe(
      'The config module exports no audit. Export the store that secondFactor() gets as audit.\n',
    );
  });
});
