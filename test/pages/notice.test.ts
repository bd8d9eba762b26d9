import { MemoryStore } from 'express-session';
import { addApp, factorIds, submit, withAnn, type Cast } from '../advisories/cast';
import type { BrowserAgent } from '../support/browser-agent';

const page = '/2fa/security';

/** What the page says was just done. */
async function said(agent: BrowserAgent): Promise<string[]> {
  const { text } = await agent.page(page).expect(200);
  const boxes = text.match(/<div class="state[^>]*role="status">[\s\S]*?<\/div>/g) ?? [];
  return boxes.map((box) =>
    box
      .replace(/<[^>]*>/g, ' ')
      .replace(/\s+/g, ' ')
      .trim(),
  );
}

async function withTablet(...given: Parameters<typeof withAnn>): Promise<Cast & { readonly tablet: string }> {
  const cast = await withAnn(...given);
  await addApp(cast.ann, cast.clock.now(), 'Tablet');
  const [, tablet = ''] = await factorIds(cast.ann);
  return { ...cast, tablet: `${page}/factors/${tablet}` };
}

describe('What was just done', () => {
  it('is said once, and by the name of what it was done to', async () => {
    const { ann, tablet } = await withTablet();
    for (const [action, fields, words] of [
      [`${tablet}/rename`, { label: 'Desk <b>pad' }, 'The name is now Desk &lt;b&gt;pad .'],
      [`${tablet}/prefer`, {}, 'From now on, you&#39;ll be asked for this first: Desk &lt;b&gt;pad .'],
      [`${tablet}/remove`, {}, 'Removed: Desk &lt;b&gt;pad .'],
      [`${page}/totp/cancel`, {}, 'Set-up cancelled. Nothing has changed.'],
    ] as const) {
      const { status, headers } = await submit(ann, page, action, fields);
      expect([status, headers.location]).toEqual([303, page]);
      expect(await said(ann)).toEqual([words]);
      expect(await said(ann)).toEqual([]);
    }
  });

  it('is not said of what a script did, and waits for a page while scripts look', async () => {
    const { ann, tablet } = await withTablet();
    await ann.post(`${tablet}/rename`, { label: 'Pad' }).expect(200);
    expect(await said(ann)).toEqual([]);
    await submit(ann, page, `${tablet}/prefer`);
    await ann.get(page).expect(200);
    expect(await said(ann)).toHaveLength(1);
  });

  it('is one thing: off is said where it says off, with what was removed', async () => {
    const { ann } = await withAnn();
    const [id = ''] = await factorIds(ann);
    await submit(ann, page, `${page}/factors/${id}/remove`);
    const [box = '', ...more] = await said(ann);
    expect(more).toEqual([]);
    expect(box).toMatch(/^Two-factor authentication is off Removed: Authenticator app ?\./);
  });

  it('can be made by no link', async () => {
    const { ann } = await withAnn();
    for (const query of [
      '?done=factor_removed',
      '?done=enabled',
      '?notice=disabled',
      '?label=x&name=enabled',
    ]) {
      const { text } = await ann.page(page + query).expect(200);
      expect(text).not.toContain('role="status"');
    }
  });

  it('is not said to who signs in next, where an app keeps what is in the session', async () => {
    const cast = await withTablet({}, (app) => {
      app.post('/switch', (req, res, next) => {
        const bob = { id: 'id-bob', name: 'bob@example.com' };
        const kept = (error?: unknown) =>
          error ? next(error) : res.json({ label: req.session.secondFactorNotice?.label });
        req.logIn(bob, { session: true, keepSessionInfo: true }, kept);
      });
    });
    await submit(cast.ann, page, `${cast.tablet}/prefer`);
    expect((await cast.ann.post('/switch').expect(200)).body).toEqual({ label: 'Tablet' });
    expect(await said(cast.ann)).toEqual([]);
    expect((await cast.ann.get('/me').expect(200)).body.user.name).toBe('bob@example.com');
  });

  it('writes the session when there is something to say, and when it was said', async () => {
    const store = new MemoryStore();
    const cast = await withTablet({
      session: { store, secret: 'test', resave: false, saveUninitialized: false },
    });
    const set = jest.spyOn(store, 'set');
    await cast.ann.page(page).expect(200);
    await cast.ann.page(page).expect(200);
    expect(set).toHaveBeenCalledTimes(0);
    await submit(cast.ann, page, `${cast.tablet}/prefer`);
    expect(set).toHaveBeenCalledTimes(1);
    await cast.ann.page(page).expect(200);
    await cast.ann.page(page).expect(200);
    expect(set).toHaveBeenCalledTimes(2);
  });
});
