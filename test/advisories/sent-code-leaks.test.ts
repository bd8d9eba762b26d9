import { createHash, createHmac } from 'node:crypto';
import { inspect } from 'node:util';
import { RedisStore } from 'connect-redis';
import type { ErrorRequestHandler } from 'express';
import { DeliveryError, type Message, type Sender } from '../../lib';
import type { FactorId, UserId } from '../../lib/account/account';
import { createCodeDigests } from '../../lib/crypto/digest';
import { createKeyRing } from '../../lib/crypto/key-ring';
import { mongoAccounts, mongoActivity } from '../../lib/mongo';
import { redisPending } from '../../lib/redis';
import { errorCode, halfLogin } from '../support/browser-agent';
import { seconds } from '../support/clock';
import { testKey } from '../support/host-app';
import { describeIf } from '../support/needs';
import { freshDatabase, freshRedis, type FreshDatabase, type FreshRedis } from '../support/servers';
import { isLong, withAnn } from './cast';

const apiKey = 'SG.keyOfTheProvider.thatNobodyMaySee';
const phone = '+420603123456';
const mailbox = 'private.box@mail.example';
const million = Array.from({ length: 1_000_000 }, (_, number) => String(number).padStart(6, '0'));
const codeIn = ({ text }: Message): string => /(?<!\d)\d{6}(?!\d)/.exec(text)?.[0] ?? '';

const spellings = [
  phone,
  phone.slice(1),
  phone.slice(4),
  '603 123 456',
  '00420603123456',
  mailbox,
  mailbox.toUpperCase(),
  'private.box',
  'PRIVATE.BOX',
].flatMap((text) => [
  text,
  ...(['hex', 'base64', 'base64url'] as const).map((as) => Buffer.from(text).toString(as).replace(/=+$/, '')),
]);

/** A text may hold a digest in any of these. */
const written = (digest: Buffer): string[] => [
  digest.toString('hex'),
  digest.toString('hex').toUpperCase(),
  digest.toString('base64').replace(/=+$/, ''),
  digest.toString('base64url'),
  digest.toString('latin1'),
];

const makers: readonly (() => ReturnType<typeof createHash | typeof createHmac>)[] = [
  () => createHash('sha256'),
  () => createHash('sha1'),
  () => createHash('md5'),
  () => createHash('sha512'),
  () => createHmac('sha256', ''),
  () => createHmac('sha1', ''),
];

/** What stands in a dump and could be a digest: by its bytes. */
function digestsIn(dump: string): ReadonlySet<string> {
  const found = new Set<string>();
  for (const [text] of dump.matchAll(/[A-Za-z0-9+/_-]{22,}/g)) {
    if (/^[0-9a-f]+$/i.test(text)) found.add(Buffer.from(text, 'hex').toString('hex'));
    found.add(Buffer.from(text, 'base64').toString('hex'));
  }
  return found;
}

interface Known {
  readonly userId: UserId;
  readonly loginId: string;
  readonly factorId: FactorId;
}

const joined = (...parts: readonly string[]): string =>
  parts.map((part) => `${Buffer.byteLength(part)}:${part}`).join('');

/** What somebody with a dump would hash, who knows how a code is bound and has no key. */
const texts = ({ userId, loginId, factorId }: Known, code: string): string[] => {
  const plain = [
    [code],
    [userId, code],
    [loginId, code],
    [factorId, code],
    [userId, loginId, code],
    [userId, loginId, 'sign_in', factorId, code],
    ['code', userId, loginId, 'sign_in', factorId, code],
  ];
  const glued = plain.flatMap((parts) => ['', ':', '|', '.', '-'].map((between) => parts.join(between)));
  return [
    ...glued,
    ...plain.map((parts) => joined(...parts)),
    ...plain.map((parts) => parts.toReversed().join('')),
  ];
};

describeIf(['redis', 'mongo'], 'Codes that were sent, on Redis and MongoDB', () => {
  let database: FreshDatabase;
  let cache: FreshRedis;
  beforeAll(async () => {
    [database, cache] = await Promise.all([freshDatabase(), freshRedis()]);
  });
  afterAll(async () => {
    await Promise.all([database.close(), cache.close()]);
  });

  const printed: string[] = [];
  const show = (value: unknown): string =>
    inspect(value, { depth: null, showHidden: true, maxArrayLength: null, maxStringLength: null });
  const spies = (['log', 'info', 'warn', 'error', 'debug'] as const).map((name) =>
    jest.spyOn(console, name).mockImplementation((...args: unknown[]) => void printed.push(show(args))),
  );
  afterAll(() => {
    for (const spy of spies) spy.mockRestore();
  });

  /** All keys and values; a session's key ends in its id, which is nobody else's business. */
  async function redisDump(): Promise<string> {
    const keys = await cache.redis.keys(`${cache.prefix}*`);
    const values = await Promise.all(
      keys.map(async (key) => {
        const type = await cache.redis.type(key);
        if (type === 'zset') return (await cache.redis.zrange(key, 0, '-1', 'WITHSCORES')).join('\n');
        if (type !== 'string') throw new Error(`${key} is a ${type}: teach this sweep to read it`);
        return (await cache.redis.getBuffer(key))?.toString('latin1') ?? '';
      }),
    );
    return keys.map((key, at) => `${key}\n${values[at]}`).join('\n');
  }

  async function mongoDump(): Promise<string> {
    const collections = await database.connection.listCollections();
    const found = await Promise.all(
      collections.map(({ name }) => database.connection.collection(name).find({}).toArray()),
    );
    return JSON.stringify(found);
  }

  it('ASVS 16.2.5: no code, address or API key in a log, an event, an error, an answer of an error, Redis or MongoDB; no code is found in a dump without the key', async () => {
    const sent: Message[] = [];
    let trouble: 'none' | 'leaky' | 'rejected' = 'none';
    const send: Sender<Message> = async (message) => {
      // Providers put all of it into what they throw.
      if (trouble === 'leaky')
        throw new Error(`401 for Bearer ${apiKey}: {"to":"${message.to}","text":"${message.text}"}`);
      if (trouble === 'rejected') throw Object.assign(new DeliveryError('rejected'), { apiKey, message });
      sent.push(message);
    };
    const seen: string[] = [];
    const onError: ErrorRequestHandler = (error: { status?: number }, _req, res, _next) => {
      seen.push(show(error));
      res.status(error.status ?? 500).json({});
    };
    const cast = await withAnn({
      accounts: mongoAccounts(database.connection),
      pending: redisPending(cache.redis, { prefix: cache.prefix }),
      activity: mongoActivity(database.connection),
      session: {
        secret: 'test',
        resave: false,
        saveUninitialized: false,
        store: new RedisStore({ client: cache.redis, prefix: `${cache.prefix}session:` }),
      },
      deadline: '30s',
      sms: { send, defaultRegion: 'CZ' },
      email: { send },
      sends: { limits: { ip: { sends: 1_000, per: '1h' } } },
    });
    const { ann, clock, twoFactor, app } = cast;
    app.use(onError);
    for (const name of [
      'proof.accepted',
      'proof.refused',
      'proof.replayed',
      'factor.added',
      'code.sent',
      'code.failed',
      'sends.refused',
      'sends.unused',
      'login.completed',
      'login.owed',
      'browser.new',
    ] as const)
      twoFactor.on(name, (event) => void seen.push(show(event)));
    const codes = new Set<string>();
    const last = (): string => {
      const [message] = sent.slice(-1);
      const code = message ? codeIn(message) : '';
      codes.add(code);
      return code;
    };
    const wrong = (): string => million.find((code) => !codes.has(code)) ?? '';
    /** An answer of an error is to tell nothing either. */
    const refused = async (asked: PromiseLike<{ text: string; status: number }>, status: number) => {
      const answer = await asked;
      expect(answer.status).toBe(status);
      seen.push(answer.text);
    };
    const dumps: string[] = [];
    const sweep = async () => void dumps.push(await redisDump(), await mongoDump());

    // Enrolled: a phone and a mailbox, each with a wrong code before the right one.
    for (const [type, address] of [
      ['otp-sms', '603 123 456'],
      ['otp-email', mailbox],
    ] as const) {
      await ann.post(`/2fa/security/${type}/send`, { address }).expect(200);
      const code = last();
      await sweep();
      await refused(ann.post(`/2fa/security/${type}`, { code: wrong() }), 401);
      await ann.post(`/2fa/security/${type}`, { code, label: `My ${type}` }).expect(201);
      await refused(ann.post(`/2fa/security/${type}/send`, { address }), 409);
      clock.move(30 * seconds);
    }

    // Signed in: a send, the cooldown, a wrong code, the right one; one that failed in each way.
    for (const state of ['leaky', 'rejected'] as const) {
      trouble = state;
      await refused((await halfLogin(cast)).post('/2fa/otp-email/send'), 503);
    }
    trouble = 'none';
    const other = await halfLogin(cast);
    await other.post('/2fa/otp-sms/send').expect(200);
    const texted = last();
    await refused(other.post('/2fa/otp-sms/send'), 429);
    await sweep();
    await refused(other.post('/2fa/otp-sms', { code: wrong() }), 401);
    await other.post('/2fa/otp-sms', { code: texted }).expect(200);

    // Budgets used up by strangers, and a code that stays live for the dump.
    let isRefused = false;
    for (let turn = 0; turn < 8 && !isRefused; turn += 1) {
      const stranger = await halfLogin(cast);
      const answer = await stranger.post('/2fa/otp-email/send');
      if (answer.status === 200) last();
      isRefused = errorCode(answer) === 'too_many_sends';
      seen.push(answer.status === 200 ? '' : answer.text);
    }
    expect(isRefused).toBe(true);
    // What it says to have happened, in every form.
    for (const path of ['activity', 'activity.csv', 'activity.json'])
      seen.push((await ann.page(`/2fa/security/${path}`).expect(200)).text);
    await sweep();

    const everything = [...dumps, ...seen, ...printed].join('\n');
    expect(codes.size).toBeGreaterThanOrEqual(5);
    expect(seen.length).toBeGreaterThan(20);
    expect(spellings.filter((text) => everything.includes(text))).toEqual([]);
    expect(everything).not.toContain(apiKey);
    expect(
      [...codes].filter((code) => new RegExp(`(?<![\\w+/-])${code}(?![\\w+/=-])`).test(everything)),
    ).toEqual([]);
    // It would find what is there: the masked address and the name that was given to it.
    expect(everything).toContain('My otp-sms');

    await expectNotFound(dumps.join('\n'), codes, sent);
  }, 120_000);

  /** The codes of sign-ins that the dump still holds, and what each is bound to. */
  function knownIn(dump: string): readonly (Known & { readonly digest: string })[] {
    const userId = 'id-ann' as UserId;
    const loginIds = [...new Set([...dump.matchAll(/"loginId":"([\w-]+)"/g)].map(([, id = '']) => id))];
    return [...dump.matchAll(/"digest":"([\w-]+)"[^{}]*?"factorId":"([\w-]+)"/g)].flatMap(
      ([, digest = '', factorId = '']) =>
        loginIds.map((loginId) => ({ userId, loginId, factorId: factorId as FactorId, digest })),
    );
  }

  async function expectNotFound(dump: string, codes: ReadonlySet<string>, sent: readonly Message[]) {
    const known = knownIn(dump);
    const stored = digestsIn(dump);
    expect(known.length).toBeGreaterThan(5);
    expect(stored.size).toBeGreaterThan(10);

    // Every code that was sent, by all that can be made of it without a key.
    const found = [...codes].flatMap((code) => {
      const all = new Set(known.flatMap((one) => texts(one, code)));
      return [...all].filter((text) =>
        makers.some((make) => {
          const digest = make().update(text).digest();
          return stored.has(digest.toString('hex')) || written(digest).some((form) => dump.includes(form));
        }),
      );
    });
    expect(found).toEqual([]);

    // All that six digits can be.
    const one = known[0] as Known;
    for (const make of isLong ? makers : makers.slice(0, 1)) {
      const bound = (code: string): string => texts(one, code).slice(-8)[0] ?? '';
      const hits = million.filter((code) =>
        (isLong ? [code, bound(code)] : [code]).some((text) => stored.has(make().update(text).digest('hex'))),
      );
      expect(hits).toEqual([]);
    }

    // The search finds a code that is stored without a key, and with the key it finds those that were sent.
    const planted = createHash('sha256').update('123456').digest('base64url');
    const plantedIn = digestsIn(`${dump}\n${planted}`);
    expect(plantedIn.has(createHash('sha256').update('123456').digest('hex'))).toBe(true);
    const digests = createCodeDigests(createKeyRing([testKey]));
    const opened = known.flatMap((each) =>
      [...codes].filter((code) => digests.isRight(each.digest, { ...each, purpose: 'sign_in' }, code)),
    );
    expect(new Set(opened).size).toBeGreaterThanOrEqual(2);
    const codeOf = (each: (typeof known)[number]) =>
      [...codes].find((code) => digests.isRight(each.digest, { ...each, purpose: 'sign_in' }, code));
    const live = known.find((each) => codeOf(each) !== undefined);
    const liveCode = live && codeOf(live);
    if (!live || !liveCode) throw new Error('no code of a sign-in is in the dump');
    const tried = isLong ? million : million.filter((code) => code.endsWith(liveCode.slice(-1)));
    const byKey = tried.filter((code) => digests.of({ ...live, purpose: 'sign_in' }, code) === live.digest);
    expect(byKey).toHaveLength(1);
    expect(sent.map(codeIn)).toContain(byKey[0]);
  }
});
