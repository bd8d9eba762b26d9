import { errorCode } from '../support/browser-agent';
import { appErrors, host } from '../hosts/host';
import { halfLoggedIn, loggedIn, userOf } from './people';

/** As MongoDB drivers have it: an object with a text form of its own. */
class ObjectId {
  constructor(private readonly hex: string) {}
  toString(): string {
    return this.hex;
  }
}

const ofAnn = '5f9d88b9c2a4e3001c9f1a01';
const ofCyd = '5f9d88b9c2a4e3001c9f1a02';

const shapes: readonly (readonly [string, (hex: string) => unknown, (hex: string) => unknown])[] = [
  [
    'a number',
    (hex) => Number.parseInt(hex.slice(-4), 16),
    (hex) => String(Number.parseInt(hex.slice(-4), 16)),
  ],
  ['a bigint', (hex) => BigInt(`0x${hex}`), (hex) => BigInt(`0x${hex}`).toString()],
  ['an ObjectId', (hex) => new ObjectId(hex), (hex) => hex],
  ['a Buffer', (hex) => Buffer.from(hex, 'hex'), (hex) => hex],
  ['bytes', (hex) => new Uint8Array(Buffer.from(hex, 'hex')), (hex) => Buffer.from(hex, 'hex')],
  ['an address', (hex) => `${hex}@example.com`, (hex) => `${hex}@example.com`],
];

describe('A user id', () => {
  it.each(shapes)('may be %s, and is the same user in its other shape', async (_, shape, other) => {
    const hexOf = (id: string) => (id === 'id-ann' ? ofAnn : ofCyd);
    const built = await host({
      options: { users: { id: (user) => shape(hexOf(user.id)), name: (user) => user.name } },
    });
    const { agent, sid } = await loggedIn(built, 'ann');
    expect(sid).not.toBe('');
    expect(await userOf(agent)).toBe('id-ann');
    expect(await built.twoFactor.statusOf(other(ofAnn))).toMatchObject({ enabled: true, types: ['totp'] });
    expect(await built.twoFactor.statusOf(shape(ofAnn))).toMatchObject({ enabled: true });

    await built.twoFactor.signOutEverywhere(other(ofAnn));
    expect(await userOf(agent)).toBeNull();
    const { agent: half } = await halfLoggedIn(built, 'ann');
    expect(errorCode(await half.post('/2fa/totp', { code: built.code('cyd') }).expect(401))).toBe(
      'wrong_code',
    );
  });

  it.each([
    ['nothing', undefined],
    ['null', null],
    ['empty', ''],
    ['a plain object', { id: 1 }],
    ['a list', ['id']],
    ['no number', Number.NaN],
    ['true', true],
    ['too long', 'x'.repeat(513)],
    ['an object that says nothing of itself', { toString: () => '[object Object]' }],
  ])('that is %s lets nobody in, and says what is wrong', async (_, id) => {
    let isBroken = false;
    const built = await host({
      options: { users: { id: (user) => (isBroken ? id : user.id), name: (user) => user.name } },
      routes: ({ app, passport }) => {
        app.post('/login', passport.authenticate('local'), (req, res) => {
          res.json({ user: req.user });
        });
        app.use(appErrors);
      },
    });
    isBroken = true;
    const visitor = built.visitor();
    const refused = await visitor.signIn('bob').expect(500);
    expect(refused.body).toEqual({ appError: 'bad_option', help: expect.stringContaining('text') });
    isBroken = false;
    expect(await userOf(visitor)).toBeNull();
  });
});
