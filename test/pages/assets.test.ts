import { join } from 'node:path';
import express from 'express';
import request from 'supertest';
import { createAssets } from '../../lib/pages/assets';

const assets = createAssets(join(__dirname, '../../views'));
const app = express().use('/app/2fa/assets', assets.handler);

describe('our stylesheet and scripts', () => {
  it.each([
    ['stylesheet', assets.styleUrl('/app/2fa'), 'text/css; charset=utf-8', '--accent'],
    ['script', assets.scriptUrl('/app/2fa'), 'text/javascript; charset=utf-8', 'addEventListener'],
    ['script of keys', assets.keysUrl('/app/2fa'), 'text/javascript; charset=utf-8', './ceremony.js'],
  ])('are served as what they are and kept for a year: %s', async (_what, url, type, content) => {
    const response = await request(app).get(url).buffer();
    expect(response.status).toBe(200);
    expect(response.headers).toMatchObject({
      'content-type': type,
      'cache-control': 'public, max-age=31536000, immutable',
      'x-content-type-options': 'nosniff',
    });
    expect(response.text || String(response.body)).toContain(content);
  });

  it.each([
    ['passkey.js', "from './ceremony.js'"],
    ['ceremony.js', "from './webauthn.js'"],
    ['webauthn.js', "from './navigator.js'"],
    ['navigator.js', 'window.navigator'],
  ])('have a name that other scripts can import, and then are asked for again: %s', async (name, content) => {
    const response = await request(app).get(`/app/2fa/assets/${name}`).buffer();
    expect([response.status, response.headers['cache-control']]).toEqual([200, 'no-cache']);
    expect(response.headers['content-type']).toBe('text/javascript; charset=utf-8');
    expect(response.text || String(response.body)).toContain(content);
  });

  it('are asked for again each time under the address of another version', async () => {
    for (const url of ['/app/2fa/assets/style.css', '/app/2fa/assets/style.css?v=old&v=new']) {
      const response = await request(app).get(url);
      expect([response.status, response.headers['cache-control']]).toEqual([200, 'no-cache']);
    }
  });

  it('are not sent again to who has them', async () => {
    const { headers } = await request(app).get(assets.styleUrl('/app/2fa'));
    const again = await request(app)
      .get(assets.styleUrl('/app/2fa'))
      .set('If-None-Match', String(headers.etag));
    expect([again.status, again.text]).toEqual([304, '']);
  });

  it('answer HEAD with the length and nothing else', async () => {
    const response = await request(app).head(assets.styleUrl('/app/2fa'));
    expect(response.status).toBe(200);
    expect(Number(response.headers['content-length'])).toBeGreaterThan(1000);
  });

  it.each([
    '/',
    '//',
    '//evil.example/style.css',
    '/../render.ts',
    '/locales/en.json',
    '/style.css/',
    '/%2e%2e/x',
    '/style.css%00',
  ])('are all there is: %s is not found', async (path) => {
    expect((await request(app).get(`/app/2fa/assets${path}`)).status).toBe(404);
  });

  it('are not written to', async () => {
    expect((await request(app).post(assets.styleUrl('/app/2fa'))).status).toBe(404);
  });

  it('are together under 20 kB', async () => {
    const sizes = await Promise.all(
      [assets.styleUrl('/app/2fa'), assets.scriptUrl('/app/2fa')].map((url) => request(app).head(url)),
    );
    const total = sizes.reduce((sum, { headers }) => sum + Number(headers['content-length']), 0);
    expect(total).toBeLessThan(20_000);
  });
});
