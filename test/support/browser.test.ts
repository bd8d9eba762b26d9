import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { useBrowser } from './browser';
import { describeIf } from './needs';

describeIf('browser', 'the browser of a test file', () => {
  const browser = useBrowser();
  let server: Server;
  beforeAll((done) => {
    server = createServer((_, response) => {
      response
        .setHeader('content-type', 'text/html')
        .end('<p id="p">before</p><script>p.id = "after"</script>');
    }).listen(0, 'localhost', done);
  });
  afterAll((done) => void server.close(done));

  it.each([
    [true, 'after'],
    [false, 'p'],
  ])('shows a page of this machine, with JavaScript %s', async (javaScriptEnabled, id) => {
    const context = await browser().newContext({ javaScriptEnabled });
    const page = await context.newPage();
    await page.goto(`http://localhost:${(server.address() as AddressInfo).port}/`);
    expect(await page.locator('p').getAttribute('id')).toBe(id);
    await context.close();
  });
});
