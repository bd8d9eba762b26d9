import { firstIdAt, timeOfId, timeOrderedId } from '../../lib/stores/time-ordered-id';

const NOW = Date.UTC(2026, 10, 24);

describe('Ids that sort by time', () => {
  it('are UUIDs of version 7 (RFC 9562 §5.7), all different', () => {
    const ids = Array.from({ length: 5_000 }, (_, count) => timeOrderedId(NOW, count));
    expect(
      ids.filter((id) => !/^[\da-f]{8}-[\da-f]{4}-7[\da-f]{3}-[89ab][\da-f]{3}-[\da-f]{12}$/.test(id)),
    ).toEqual([]);
    expect(new Set(ids).size).toBe(5_000);
  });

  it('sort by their time as text, and at the same moment by their count', () => {
    const ids = [0, 1, 999, 86_400_000, 10 ** 11].flatMap((later) =>
      [0, 1, 4_095].map((count) => timeOrderedId(NOW + later, count)),
    );
    expect(ids.toSorted()).toEqual(ids);
  });

  it('say their time, and which comes first at a moment', () => {
    for (const at of [0, 1, NOW, 2 ** 47]) {
      expect(timeOfId(timeOrderedId(at, 5))).toBe(at);
      expect(timeOrderedId(at, 0) > firstIdAt(at)).toBe(true);
      expect(timeOrderedId(Math.max(0, at - 1), 4_095) < firstIdAt(Math.max(1, at))).toBe(true);
    }
    for (const odd of ['', 'x', '018f', NOW.toString()]) expect(timeOfId(odd)).toBeNull();
  });
});
