import { errorCode, type BrowserAgent } from '../support/browser-agent';
import { minutes } from '../support/clock';
import { adminHost, type AdminHost, base, reason, type Worker } from './a-desk';

const request = (built: AdminHost) => built.put('ann');
const user = `${base}/users/id-ann`;
const verbs = ['assign', 'more-info', 'hold', 'reject', 'recommend', 'approve', 'cancel'] as const;
const accountName = 'ann@example.com';

/** Every change there is, of Ann's account or of the request that she has. */
const changes: readonly (readonly [path: string, body: object])[] = [
  ['/users/id-ann/suspend', { factorId: 'x' }],
  ['/users/id-ann/unlock', {}],
  ['/users/id-ann/end-logins', {}],
  ['/users/id-ann/reset', {}],
  ...verbs.map((verb) => [`/requests/:reference/${verb}`, { accountName }] as const),
  ['/requests/:reference/evidence/invoice-1', { verdict: 'match', note: 'Number and sum are right.' }],
];
const reads = [
  '/users?query=ann',
  '/users/without',
  '/users/without.csv',
  '/users/id-ann',
  '/users/id-ann/audit',
  '/requests',
  '/requests/:reference',
];

const pathOf = (path: string, reference: string): string => base + path.replace(':reference', reference);
const code = async (asked: ReturnType<BrowserAgent['post']>): Promise<string | undefined> =>
  errorCode(await asked);

let built: AdminHost;
let reference: string;
const agents = new Map<Worker, BrowserAgent>();
beforeAll(async () => {
  built = await adminHost();
  ({ reference } = await request(built));
  for (const name of ['audra', 'rita', 'boss'] as const) agents.set(name, await built.at(name));
});

const as = (name: Worker): BrowserAgent => {
  const agent = agents.get(name);
  if (!agent) throw new Error(`${name} is not signed in`);
  return agent;
};

describe('whoever is not signed in, or only half', () => {
  it.each([...reads, ...changes.map(([path]) => path)])('gets nothing of %s', async (path) => {
    const isRead = reads.includes(path);
    const half = built.visitor();
    await half.signIn('boss').expect(401);
    for (const [agent, wanted] of [
      [built.visitor(), 'sign_in_required'],
      [half, 'second_factor_required'],
    ] as const) {
      const url = pathOf(path, reference);
      const answer = await (isRead ? agent.get(url) : agent.post(url, { reason }));
      expect([answer.status, errorCode(answer)]).toEqual([401, wanted]);
    }
  });
});

describe('a customer, who is nobody there', () => {
  it('may neither read nor change anything, and does not learn who exists', async () => {
    const cyd = await built.signedIn('cyd');
    for (const path of [...reads, '/users/nobody', '/requests/RA-NOTHERE'])
      expect([path, await code(cyd.get(pathOf(path, reference)))]).toEqual([path, 'forbidden']);
    for (const [path, body] of [...changes, ['/users/nobody/unlock', {}] as const])
      expect([path, await code(cyd.post(pathOf(path, reference), { reason, ...body }))]).toEqual([
        path,
        'forbidden',
      ]);
  });
});

describe('an app that decides by a target which is not always there', () => {
  it('refuses where there is none, and fails nowhere', async () => {
    const strict = await adminHost({
      routes: ({ app, twoFactor }) =>
        app.use(
          '/strict',
          twoFactor.adminRouter({
            authorize: (_req, _action, target) => (target as { user: { name: string } }).user.name !== '',
          }),
        ),
    });
    const boss = await strict.at('boss');
    await boss.get('/strict/users/id-ann').expect(200);
    for (const path of [
      '/users',
      '/users/nobody',
      '/requests',
      '/requests/RA-NOTHERE',
      '/users/nobody/audit',
    ])
      expect([path, await code(boss.get(`/strict${path}`))]).toEqual([path, 'forbidden']);
    expect(await code(boss.post('/strict/users/nobody/unlock', { reason }))).toBe('forbidden');
  });
});

describe('somebody who may only read', () => {
  it.each(reads)('reads %s', async (path) => {
    await as('audra').get(pathOf(path, reference)).expect(200);
  });

  it.each(changes)('may not do %s', async (path, body) => {
    expect(await code(as('audra').post(pathOf(path, reference), { reason, ...body }))).toBe('forbidden');
  });
});

describe('the order of refusals', () => {
  it.each(changes)(
    'I11, check 64: of %s: what there is not, then a stale proof, then what is malformed',
    async (path, body) => {
      const boss = as('boss');
      const missing = path.replace('id-ann', 'nobody').replace(':reference', 'RA-NOTHERE');
      expect(await code(boss.post(base + missing, {}))).toBe('not_found');
      // Everything else is wrong as well, and the proof comes first.
      const stale = await built.at('boss');
      built.clock.move(6 * minutes);
      const answer = await stale.post(pathOf(path, reference), {});
      expect([answer.status, errorCode(answer)]).toEqual([403, 'step_up_required']);
      expect(answer.body.error.url).toMatch(/^\/2fa\/confirm\?to=/);
      const fresh = await built.at('boss');
      agents.set('boss', fresh);
      const field = path.includes('evidence') ? 'verdict' : 'reason';
      for (const given of [
        {},
        { reason: 'too short' },
        { reason: ' '.repeat(20) },
        { reason: 'x'.repeat(1001) },
        { reason: 7 },
      ]) {
        const { body: sent, status } = await fresh.post(pathOf(path, reference), {
          ...body,
          ...given,
          verdict: 'yes',
        });
        expect([status, sent.error]).toMatchObject([400, { code: 'malformed', field }]);
      }
    },
  );
});

describe('acting on oneself', () => {
  it('I11: is refused, also to who may do everything, before anything else is looked at', async () => {
    const boss = as('boss');
    for (const act of ['suspend', 'unlock', 'end-logins', 'reset'])
      expect(await code(boss.post(`${base}/users/id-boss/${act}`, {}))).toBe('forbidden');
    const own = await built.put('boss');
    for (const verb of verbs)
      expect([verb, await code(boss.post(`${base}/requests/${own.reference}/${verb}`, { reason }))]).toEqual([
        verb,
        'forbidden',
      ]);
    expect(await code(boss.post(`${base}/requests/${own.reference}/evidence/invoice-1`, {}))).toBe(
      'forbidden',
    );
  });
});

it('ASVS 6.4.6, I9, check 64: shows a user without anything that opens an account', async () => {
  const { body } = await as('boss').get(user).expect(200);
  expect(body).toMatchObject({
    id: 'id-ann',
    name: accountName,
    enabled: true,
    factors: [{ type: 'totp', label: 'Phone', hint: null, suspended: false }],
    contacts: [{ channel: 'email', address: 'a•••@e•••.com' }],
    lanes: { known: { left: 10 }, others: { left: 10 } },
    requests: [{ reference, state: 'in_review' }],
  });
});

it('ASVS 6.4.6, I9, I11: begins a reset for somebody without learning what opens their account, or deciding it', async () => {
  const boss = await built.at('boss');
  const { body } = await boss.post(`${base}/users/id-cyd/reset`, { reason }).expect(201);
  expect(body).toEqual({ reference: expect.stringMatching(/^RA-/), state: 'awaiting_evidence' });
  for (const verb of verbs)
    expect([
      verb,
      await code(boss.post(`${base}/requests/${String(body.reference)}/${verb}`, { reason })),
    ]).toEqual([verb, 'forbidden']);
});
