import { DEMO_PASSWORD, demoUsers, seedsOf, type DemoUser } from './demo-users';
import type { Senders } from './senders';
import type { Settings } from './settings';

/** What someone who has just started the app needs to know, in the order they need it. */
export function announcement({ origin, production, ...settings }: Settings, { sms, email }: Senders): string {
  const demo = demoUsers(production);
  const channels = [sms && 'text message', email && 'e-mail'].filter(Boolean).join(' and ');
  return [
    row('WebAdmin', origin),
    row('password', `${DEMO_PASSWORD}, for each of these users:`),
    ...demo.map((user) => row(user.username, whatThereIs(user))),
    ...seedsOf(demo).map(({ username, seed }) => `${username} seed: ${seed}`),
    ...demo.flatMap(({ username, phone }) => (phone === null ? [] : [`${username} phone: ${phone}`])),
    row('outbox', production ? 'off, because NODE_ENV is production' : `${origin}/outbox`),
    row('codes', channels === '' ? 'none can be sent' : `by ${channels}`),
    ...warnings(settings),
  ].join('\n');
}

function whatThereIs({ has, phone, factors: [factor] }: DemoUser): string {
  const isSentCodes = factor !== undefined && 'address' in factor;
  return isSentCodes && phone === null ? `${has}, to ${factor.address}` : has;
}

function warnings({
  mongoUri,
  redisUrl,
  keyIsNew,
}: Pick<Settings, 'mongoUri' | 'redisUrl' | 'keyIsNew'>): string[] {
  const shares = mongoUri !== undefined || redisUrl !== undefined;
  return [
    ...(mongoUri === undefined
      ? [row('users', 'in memory: lost on restart. Set MONGODB_URI to keep them')]
      : []),
    ...(redisUrl === undefined
      ? [row('sessions', 'in memory: lost on restart. Set REDIS_URL to keep them')]
      : []),
    ...(keyIsNew && shares
      ? [row('WARNING', 'TWO_FACTOR_KEY is not set: what is stored now cannot be read after a restart')]
      : []),
  ];
}

const row = (name: string, text: string): string => `${name.padEnd(15)} ${text}`;
