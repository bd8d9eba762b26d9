import { cooldownOf, givenBack, isCooldown, resendAt } from '../../lib/core/cooldown';
import { memoryPending } from '../../lib/stores/memory-pending';
import { fakeClock, minutes, seconds } from '../support/clock';

const life = 5 * minutes;
const sent = (sends: number, at: number) =>
  ({
    kind: 'code',
    digest: 'd',
    factorId: 'f',
    issuedAt: at,
    until: at + life,
    sends,
    reference: '',
  }) as const;

describe('The wait between two messages', () => {
  it('C8: is half a minute, then doubles up to four minutes', () => {
    expect([1, 2, 3, 4, 5, 99].map((sends) => (resendAt(sent(sends, 1000), life) - 1000) / seconds)).toEqual([
      30, 60, 120, 240, 240, 240,
    ]);
  });

  it('is never longer than the page says, whenever people ask', async () => {
    for (let round = 0; round < 200; round += 1) {
      const clock = fakeClock();
      const pending = memoryPending({ now: clock.now });
      let before: ReturnType<typeof sent> | null = null;
      for (let nth = 0; nth < 6; nth += 1) {
        const taken = await pending.budgets.take(cooldownOf('id'));
        expect([round, nth, taken]).toEqual([round, nth, { ok: true }]);
        const now = clock.now();
        const sends: number = before && before.until > now ? before.sends + 1 : 1;
        before = sent(sends, now);
        clock.set(resendAt(before, life) + Math.floor(Math.random() * 60) * seconds * (nth % 2));
      }
    }
  });

  it('is of one login, purpose and channel', async () => {
    const pending = memoryPending({ now: fakeClock().now });
    expect(await pending.budgets.take(cooldownOf('one'))).toEqual({ ok: true });
    expect(await pending.budgets.take(cooldownOf('other'))).toEqual({ ok: true });
    expect(await pending.budgets.take(cooldownOf('one'))).toMatchObject({ ok: false, name: 'cooldown-1' });
  });

  it.each([
    ['has not left', true],
    ['may have left', false],
  ])('does not grow by what %s, and stays half a minute', async (_, hasNotLeft) => {
    const clock = fakeClock();
    const pending = memoryPending({ now: clock.now });
    for (let nth = 0; nth < 6; nth += 1) {
      expect(await pending.budgets.take(cooldownOf('id'))).toEqual({ ok: true });
      await pending.budgets.giveBack(givenBack(cooldownOf('id'), hasNotLeft));
      expect(await pending.budgets.take(cooldownOf('id'))).toMatchObject({ ok: false });
      clock.move(30 * seconds);
    }
  });

  it('is told apart from budgets by its name', () => {
    expect(cooldownOf('id').every(({ name }) => isCooldown(name))).toBe(true);
    expect(['user', 'address', 'ip', 'prefix', 'country', 'app'].some(isCooldown)).toBe(false);
  });
});
