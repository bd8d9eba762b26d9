import { DEMO_PASSWORD } from '../../example-app/demo-users';
import { openWebAdmin, visit, type RunningWebAdmin, type Visitor } from './web-admin';

const NEW_PASSWORD = 'a new one, and longer';

let webAdmin: RunningWebAdmin;
let visitor: Visitor;
beforeEach(async () => {
  webAdmin = await openWebAdmin();
  visitor = visit(webAdmin);
  await visitor.signIn('demo').expect(200);
});
afterEach(() => webAdmin.close());

describe('changing the password in the example app', () => {
  const change = { currentPassword: DEMO_PASSWORD, newPassword: NEW_PASSWORD };

  it('makes the old one wrong and the new one right', async () => {
    await visitor.json('/account/password', change).expect(200);
    await visit(webAdmin).signIn('demo').expect(401);
    await visit(webAdmin).signIn('demo', NEW_PASSWORD).expect(200);
  });

  it('signs out everywhere but here', async () => {
    const other = visit(webAdmin);
    const stranger = visit(webAdmin);
    await other.signIn('demo').expect(200);
    await stranger.signIn('demo-key').expect(200);
    await visitor.json('/account/password', change).expect(200);
    await visitor.getJson('/api/me').expect(200);
    await other.getJson('/api/me').expect(401);
    await stranger.getJson('/api/me').expect(200);
  });

  it('leads a form back to the account, which says so', async () => {
    const answer = await visitor.form('/account/password', change).expect(303);
    const page = await visitor.getPage(String(answer.headers.location)).expect(200);
    expect(page.text).toContain('Your password has been changed');
  });

  it('changes nothing without the current one', async () => {
    const wrong = { ...change, currentPassword: 'wrong' };
    const { body } = await visitor.json('/account/password', wrong).expect(401);
    expect(body.error).toMatchObject({ code: 'wrong_password', field: 'currentPassword' });
    const page = await visitor.form('/account/password', wrong).expect(422);
    expect(page.text).toContain('aria-invalid="true"');
    expect(page.text).not.toContain(NEW_PASSWORD);
    await visit(webAdmin).signIn('demo').expect(200);
  });

  it.each([
    [{}, 'currentPassword'],
    [{ currentPassword: DEMO_PASSWORD }, 'newPassword'],
    [{ currentPassword: DEMO_PASSWORD, newPassword: '7 chars' }, 'newPassword'],
    [{ currentPassword: DEMO_PASSWORD, newPassword: '🔑🔑🔑🔑' }, 'newPassword'],
    [{ currentPassword: DEMO_PASSWORD, newPassword: DEMO_PASSWORD }, 'newPassword'],
    [{ currentPassword: DEMO_PASSWORD, newPassword: 12_345_678 }, 'newPassword'],
    [{ currentPassword: { $gt: '' }, newPassword: NEW_PASSWORD }, 'currentPassword'],
  ])('refuses %j', async (body, field) => {
    const { body: answer } = await visitor.json('/account/password', body).expect(400);
    expect(answer.error).toMatchObject({ code: 'malformed', field });
    await visit(webAdmin).signIn('demo').expect(200);
  });

  it('is won by one of two at the same time', async () => {
    const other = visit(webAdmin);
    await other.signIn('demo').expect(200);
    const both = await Promise.all([
      visitor.json('/account/password', { ...change, newPassword: `${NEW_PASSWORD} 1` }),
      other.json('/account/password', { ...change, newPassword: `${NEW_PASSWORD} 2` }),
    ]);
    const won = both.findIndex(({ status }) => status === 200);
    expect(both.filter(({ status }) => status === 200)).toHaveLength(1);
    await visit(webAdmin)
      .signIn('demo', `${NEW_PASSWORD} ${won + 1}`)
      .expect(200);
  });

  it('needs a complete login', async () => {
    await visit(webAdmin).json('/account/password', change).expect(401);
    const half = visit(webAdmin);
    await half.signIn('demo-totp').expect(401);
    await half.json('/account/password', change).expect(401);
  });
});
