import { isExhaustive, share } from '../../support/exhaustive';
import { breachOf, corrupt, maySucceed, type Member, members, search, type Search } from './search';

type Casting = readonly Member[];

const alone: readonly Casting[] = [[], ...members.map((one) => [one])];
/** Whichever two of the operator's people these are, they can do the same. */
const isOther = (cast: Casting): boolean => {
  const staff = cast.filter((one) => corrupt.some((name) => name === one));
  return staff.length < 2 || staff.every((one, at) => one === corrupt[at]);
};
const pairs = members
  .flatMap((one, at) => members.slice(at + 1).map((other) => [one, other]))
  .filter(isOther);
const triples = members
  .flatMap((one, at) =>
    members
      .slice(at + 1)
      .flatMap((other, next) => members.slice(at + next + 2).map((third) => [one, other, third])),
  )
  .filter(isOther);
const named =
  (...all: readonly string[]) =>
  (cast: Casting) =>
    all.includes(cast.join(', '));

/** How these got in. Each time, what was truly given, by whom and when was enough. */
async function pathsOf(cast: Casting, how: Partial<Search> = {}): Promise<readonly (readonly string[])[]> {
  const { accesses } = await search(new Set(cast), { isOwnerThere: false, requests: 1, ...how });
  for (const access of accesses) expect([breachOf(access), access.path]).toEqual([null, access.path]);
  return accesses.map(({ path }) => path);
}

describe('Access is not given again', () => {
  it('I1, I3: to anybody alone, nor to any two, however long nobody looks', async () => {
    for (const cast of [...alone, ...pairs])
      expect([cast, await pathsOf(cast, { requests: isExhaustive ? 2 : 1 })]).toEqual([cast, []]);
  }, 600_000);

  it('to any three while their victim reads one notice', async () => {
    const some = named('password, mailbox, phone', 'password, fooled reviewer, insider');
    for (const cast of share(triples, some))
      expect([cast, await pathsOf(cast, { isOwnerThere: true })]).toEqual([cast, []]);
  }, 600_000);

  it('to any three but those who have enough to show, or two who decide and what goes with the link', async () => {
    const some = named('password, mailbox, phone', 'password, mailbox, insider');
    for (const cast of share(triples, some))
      expect([cast, (await pathsOf(cast, { first: !isExhaustive })).length > 0]).toEqual([
        cast,
        maySucceed(new Set(cast)),
      ]);
  }, 600_000);
});
