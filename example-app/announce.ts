import { DEMO_PASSWORD, DEMO_USERS } from './demo-users';
import type { Settings } from './settings';

/** What somebody who has just started the app needs to know, in the order they need it. */
export function announcement({ origin, production, ...settings }: Settings): string {
  const users = DEMO_USERS.map(({ username }) => row(username, `password: ${DEMO_PASSWORD}`));
  const seeds = DEMO_USERS.flatMap(({ username, totpSeed }) =>
    totpSeed ? [row(username, `seed: ${totpSeed}`)] : [],
  );
  const outbox = production ? 'off, as NODE_ENV is production' : `${origin}/outbox`;
  return [row('WebAdmin', origin), ...users, ...seeds, row('outbox', outbox), ...warnings(settings)].join(
    '\n',
  );
}

function warnings({
  mongoUri,
  redisUrl,
  keyIsNew,
}: Pick<Settings, 'mongoUri' | 'redisUrl' | 'keyIsNew'>): string[] {
  const shares = mongoUri !== undefined || redisUrl !== undefined;
  return [
    ...(mongoUri === undefined
      ? [row('users', 'in memory: gone after a restart. Set MONGODB_URI to keep them')]
      : []),
    ...(redisUrl === undefined
      ? [row('sessions', 'in memory: gone after a restart. Set REDIS_URL to keep them')]
      : []),
    ...(keyIsNew && shares
      ? [row('WARNING', 'TWO_FACTOR_KEY is not set: what is stored now cannot be read after a restart')]
      : []),
  ];
}

const row = (name: string, text: string): string => `${name.padEnd(10)} ${text}`;
