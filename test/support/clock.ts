/** A clock that stands still until it is moved. */
export function fakeClock(start = Date.UTC(2026, 10, 24, 12, 0, 1)) {
  let time = start;
  return {
    now: () => time,
    move: (ms: number) => {
      time += ms;
    },
    set: (ms: number) => {
      time = ms;
    },
  };
}

export type FakeClock = ReturnType<typeof fakeClock>;
export const seconds = 1000;
export const minutes = 60 * seconds;
export const hours = 60 * minutes;
export const days = 24 * hours;
