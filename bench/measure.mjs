import { load } from './load.mjs';

export const median = (values) => values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)];

/**
 * The sides take turns, so that whatever else the machine does affects all of them; the median of the rounds counts.
 *
 * @param sides `{ name: { port, requests(round), status } }`
 */
export async function alternate(sides, { rounds, connections }) {
  const results = Object.fromEntries(Object.keys(sides).map((name) => [name, []]));
  for (let round = -1; round < rounds; round++) {
    const names = Object.keys(sides);
    for (const name of round % 2 ? names : names.toReversed()) {
      const { port, requests, status = '200' } = sides[name];
      const { perSecond, statuses } = await load(port, await requests(round), connections);
      const wrong = [...statuses].filter(([seen]) => seen !== status);
      if (wrong.length > 0)
        throw new Error(`${name} answered ${JSON.stringify(wrong)} where ${status} was right`);
      if (round >= 0) results[name].push(perSecond);
    }
  }
  return Object.fromEntries(Object.entries(results).map(([name, values]) => [name, median(values)]));
}

/** The cookies of an answer, as the next request sends them. */
export const cookiesOf = (response, before = '') => {
  const jar = new Map(
    before
      .split('; ')
      .filter(Boolean)
      .map((pair) => [pair.split('=')[0], pair]),
  );
  for (const line of response.headers.getSetCookie()) {
    const pair = line.split(';')[0];
    jar.set(pair.split('=')[0], pair);
  }
  return [...jar.values()].join('; ');
};

export async function post(port, path, body, cookie = '') {
  return fetch(`http://127.0.0.1:${port}${path}`, {
    method: 'POST',
    redirect: 'manual',
    headers: {
      accept: 'application/json',
      'content-type': 'application/json',
      origin: 'http://localhost:3000',
      cookie,
    },
    body: JSON.stringify(body),
  });
}

export const listening = (app) =>
  new Promise((resolve) => {
    const server = app.listen(0, '127.0.0.1', () => resolve(server));
  });
