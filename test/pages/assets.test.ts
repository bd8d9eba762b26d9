import { join } from 'node:path';
import express from 'express';
import request from 'supertest';
import { createAssets } from '../../lib/pages/assets';
import { hostApp } from '../support/host-app';

const assets = createAssets(join(__dirname, '../../views'));
const style = assets.url('/app/2fa', 'style.css');
const app = express().use('/app/2fa/assets', assets.handler);

describe('our stylesheet and scripts', () => {
  it.each([
    ['style.css', 'text/css; charset=utf-8', '--accent'],
    ['security.css', 'text/css; charset=utf-8', '.panel'],
    ['script.js', 'text/javascript; charset=utf-8', 'addEventListener'],
    ['keys.js', 'text/javascript; charset=utf-8', './ceremony.js'],
    ['security.js', 'text/javascript; charset=utf-8', 'clipboard'],
  ])('are served as what they are and kept for a year: %s', async (name, type, content) => {
    const response = await request(app).get(assets.url('/app/2fa', name)).buffer();
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
    ['ceremony.js', 'navigator.credentials'],
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
    const { headers } = await request(app).get(style);
    const again = await request(app).get(style).set('If-None-Match', String(headers.etag));
    expect([again.status, again.text]).toEqual([304, '']);
  });

  it('answer HEAD with the length and nothing else', async () => {
    const response = await request(app).head(style);
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
    '/package.json',
    '/step.ejs',
    '/style.css%00',
  ])('are all there is: %s is not found', async (path) => {
    expect((await request(app).get(`/app/2fa/assets${path}`)).status).toBe(404);
  });

  it('are not written to', async () => {
    expect((await request(app).post(style)).status).toBe(404);
  });
});

describe('the stylesheet of the step', () => {
  const linkOf = async (path: string, given: Parameters<typeof hostApp>[0] = {}) =>
    (await request(hostApp(given).app).get(path)).get('Link');

  it('is announced by the login page, so that it is there when the step is', async () => {
    const link = await linkOf('/login');
    const [, url = ''] = /^<([^>]+)>; rel=prefetch; as=style$/.exec(link ?? '') ?? [];
    expect(url).toMatch(/^\/2fa\/assets\/style\.css\?v=/);
    expect((await request(hostApp().app).get(url)).get('Cache-Control')).toContain('immutable');
    expect(await linkOf('/sign-in', { loginUrl: '/sign-in' })).toContain('style.css');
  });

  it.each(['/', '/login/more', '/billing'])('is announced by no other page: %s', async (path) => {
    expect(await linkOf(path)).toBeUndefined();
  });
});
