import { blankAccount, type Recipient, type UserId } from '../../lib/account/account';
import { withNoted } from '../../lib/notices/noted';
import { sealContact } from '../../lib/notices/contacts';
import { coreScope } from '../core/core-scope';
import { aRequest } from '../recovery/a-request';
import { anItem } from './an-item';

const ada = 'ada' as UserId;
const scope = coreScope({});
const to = (address: string): Recipient => ({
  channel: 'email',
  address: sealContact(ada, address, scope.seal),
  since: 0,
  goneAt: null,
});
const [mine, other] = [aRequest('more_info'), aRequest('expired', { id: 'r2' as never, reference: 'RA-X' })];
const account = { ...blankAccount(ada), recoveries: [mine, other] };
const told = { name: 'recovery.changed', reference: mine.reference, state: 'more_info' } as const;
const notedOf = (noted: typeof account) => noted.recoveries.map(({ notices }) => notices);

describe('What is noted of a notice', () => {
  it('is kept with its own request: what it told of, when, and to whom, masked', () => {
    const noted = withNoted(scope, account, anItem({ told: [told] }), [to('ada@example.com')], {
      at: 7,
      givenUp: false,
    });
    const [of, ofOther] = notedOf(noted as typeof account);
    expect(of).toEqual([{ at: 7, of: 'more_info', channel: 'email', hint: 'a•••@e•••.com' }]);
    expect(ofOther).toBeUndefined();
  });

  it('says that it was an answer, a reminder, a voucher, or given up', () => {
    const items = [
      anItem({ told: [told], answers: true }),
      anItem({ told: [{ name: 'recovery.reminded', reference: mine.reference }] }),
      anItem({ told: [{ name: 'recovery.vouched', reference: mine.reference }] }),
    ];
    const noted = items.reduce(
      (so, item) => withNoted(scope, so, item, [to('ada@example.com')], { at: 1, givenUp: true }),
      account as Parameters<typeof withNoted>[1],
    );
    expect(noted.recoveries?.[0]?.notices).toMatchObject([
      { of: 'more_info', answers: true, givenUp: true },
      { of: 'reminded', givenUp: true },
      { of: 'vouched', givenUp: true },
    ]);
  });

  it('is nothing of what belongs to no request, and the newest forty of each', () => {
    const when = { at: 1, givenUp: false };
    expect(withNoted(scope, account, anItem(), [to('ada@example.com')], when)).toBe(account);
    expect(withNoted(scope, account, anItem({ told: [told] }), [], when)).toBe(account);
    const many = Array.from({ length: 45 }, (_, at) => at).reduce(
      (so, at) => withNoted(scope, so, anItem({ told: [told] }), [to('ada@example.com')], { ...when, at }),
      account as Parameters<typeof withNoted>[1],
    );
    const notices = many.recoveries?.[0]?.notices ?? [];
    expect([notices.length, notices[0]?.at, notices.at(-1)?.at]).toEqual([40, 5, 44]);
  });
});
