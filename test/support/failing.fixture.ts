import express from 'express';
import { browser } from './browser-agent';

const app = express();
app.use(express.json());
app.post('/code', (_req, res) => void res.status(403).json({ error: { code: 'wrong_code' } }));
app.get('/page', (_req, res) => {
  const rows = Array.from({ length: 300 }, (_, at) => `<li class="row">row ${at}</li>`);
  res.send(
    `<!doctype html><html><head><style>li { color: red }</style></head>\n<h1>Rows</h1>\n${rows.join('\n')}</html>`,
  );
});

// Run by failures.test.ts: each of these has to fail.
it('is answered otherwise than it expects', async () => {
  const agent = browser(app);
  await agent.get('/page').expect(200);
  await agent.post('/code', { code: '000000' }).expect(200);
});

it('finds no word on a long page', async () => {
  const { text } = await browser(app).page('/page');
  expect(text).toContain('no such row');
});
