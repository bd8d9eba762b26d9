import { scryptPasswords } from '../../example-app/passwords';

const passwords = scryptPasswords(4);

describe('passwords of the example app', () => {
  it('are right only when they are the same', async () => {
    const hash = await passwords.hash('correct horse battery staple');
    expect(await passwords.isRight('correct horse battery staple', hash)).toBe(true);
    expect(await passwords.isRight('correct horse battery stable', hash)).toBe(false);
    expect(await passwords.isRight('', hash)).toBe(false);
  });

  it('are hashed by scrypt with N = 2^15, r = 8, p = 1 and a salt of their own', async () => {
    const real = scryptPasswords(15);
    const [one, two] = await Promise.all([real.hash('the same'), real.hash('the same')]);
    expect(one).toMatch(/^\$scrypt\$ln=15,r=8,p=1\$[\w+/]{22}\$[\w+/]{43}$/);
    expect(two).not.toBe(one);
    expect(await real.isRight('the same', one)).toBe(true);
  });

  it('work at the lowest cost that tests may set', async () => {
    const cheapest = scryptPasswords(1);
    expect(await cheapest.isRight('whatever', await cheapest.hash('whatever'))).toBe(true);
  });

  it('are checked with the cost they were hashed with', async () => {
    const hash = await scryptPasswords(5).hash('moved');
    expect(await passwords.isRight('moved', hash)).toBe(true);
  });

  it('are the same however a keyboard composes an accent', async () => {
    const hash = await passwords.hash('pr\u0301ilis\u030C \uFB01');
    expect(await passwords.isRight('p\u0155ili\u0161 fi', hash)).toBe(true);
  });

  it('are wrong for a user who is not there, after the same work', async () => {
    const costly = scryptPasswords(14);
    const hash = await costly.hash('whatever');
    const timed = async (stored: string | undefined): Promise<number> => {
      const start = performance.now();
      expect(await costly.isRight('something else', stored)).toBe(false);
      return performance.now() - start;
    };
    await timed(hash);
    const rounds = 5;
    let known = Infinity;
    let unknown = Infinity;
    for (let round = 0; round < rounds; round += 1) {
      known = Math.min(known, await timed(hash));
      unknown = Math.min(unknown, await timed(undefined));
    }
    // Without the dummy the second is a thousandth of the first.
    expect(unknown).toBeGreaterThan(known / 4);
  });

  it('are an error and never a match where the stored hash is damaged', async () => {
    await expect(passwords.isRight('x', 'x')).rejects.toThrow('damaged');
    await expect(passwords.isRight('', '')).rejects.toThrow('damaged');
  });
});
