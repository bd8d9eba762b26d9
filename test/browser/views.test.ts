import jsQR from 'jsqr';
import type { Page } from 'playwright-core';
import { PNG } from 'pngjs';
import { qrSvg } from '../../lib/pages/qr';
import { stopClock, useBrowser } from '../support/browser';
import { describeIf } from '../support/needs';
import { viewSamples } from '../support/view-samples';
import type { ViewServer } from '../support/view-server';
import { DARK, FORCED, LIGHT, PHONE, RIGHT_TO_LEFT, servePages, withPage } from './pages';

// One browser for many pages, and the machine may have other work.
jest.setTimeout(240_000);

// Names that spoiled the code of others: accents, CJK, emoji, and what a URI takes for itself.
const NAMES = ['anna@example.com', 'Hervé', '宮腰', '👾 Účto', 'a?b#c&d%'];
const otpauth = (name: string) =>
  `otpauth://totp/${encodeURIComponent(`WebAdmin:${name}`)}?secret=JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP&issuer=WebAdmin`;

describeIf('browser', 'the pages in a browser', () => {
  const browser = useBrowser();
  let server: ViewServer;

  beforeAll(async () => {
    const samples = { ...(await viewSamples()) };
    const enrol = samples.enrol;
    if (enrol?.view !== 'enrol-totp') throw new Error('there is no enrolment page');
    for (const [index, name] of NAMES.entries()) {
      samples[`qr-${index}`] = { ...enrol, data: { ...enrol.data, qr: await qrSvg(otpauth(name), 'QR') } };
    }
    server = await servePages(samples);
  });
  afterAll(() => server.stop());

  describe('the QR code', () => {
    it.each([1, 2])(
      'check 27: is read from a screenshot in every theme at %dx, whatever the user is called',
      async (scale) => {
        await withPage(browser(), { deviceScaleFactor: scale }, async (page) => {
          for (const [index, name] of NAMES.entries()) {
            await page.goto(server.url(`qr-${index}`));
            for (const media of [LIGHT, DARK, FORCED]) {
              await page.emulateMedia(media);
              const png = PNG.sync.read(await page.locator('.qr').screenshot());
              const read = jsQR(new Uint8ClampedArray(png.data), png.width, png.height);
              expect([name, media, read?.data]).toEqual([name, media, otpauth(name)]);
            }
          }
        });
      },
    );

    it('check 27: has a white edge of four modules in every theme', async () => {
      await withPage(browser(), {}, async (page) => {
        await page.goto(server.url('enrol'));
        const viewBox = await page.locator('.qr').getAttribute('viewBox');
        const side = Number(viewBox?.split(' ')[2]);
        for (const media of [LIGHT, DARK, FORCED]) {
          await page.emulateMedia(media);
          const png = PNG.sync.read(await page.locator('.qr').screenshot());
          const edge = Math.floor((4 * png.width) / side) - 1;
          const dark = pixelsOf(png).filter(
            ({ x, y, light }) => light < 250 && Math.min(x, y, png.width - 1 - x, png.height - 1 - y) < edge,
          );
          expect([media, dark.length]).toEqual([media, 0]);
        }
      });
    });

    it('fits on a phone', async () => {
      await withPage(browser(), { viewport: PHONE }, async (page) => {
        await page.goto(server.url('qr-3'));
        const png = PNG.sync.read(await page.locator('.qr').screenshot());
        expect(jsQR(new Uint8ClampedArray(png.data), png.width, png.height)?.data).toBe(otpauth('👾 Účto'));
      });
    });
  });

  describe('the theme', () => {
    const coloursOf = (page: Page) =>
      page.evaluate<string[]>(
        "['body', '.card', '.button.primary', 'input'].map((part) => getComputedStyle(document.querySelector(part)).color + getComputedStyle(document.querySelector(part)).backgroundColor)",
      );

    it('that the app says is the one of the page, whatever the device says', async () => {
      await withPage(browser(), {}, async (page) => {
        const seen = async (media: typeof LIGHT | typeof DARK, theme: string) => {
          await page.emulateMedia(media);
          await page.goto(`${server.url('step')}${theme}`);
          return coloursOf(page);
        };
        const [light, dark] = [await seen(LIGHT, ''), await seen(DARK, '')];
        expect(light).not.toEqual(dark);
        expect(await seen(LIGHT, '&theme=dark')).toEqual(dark);
        expect(await seen(DARK, '&theme=light')).toEqual(light);
      });
    });
  });

  it('check 41: keeps the edges of fields, buttons and panels in forced colours, and says in words what is on', async () => {
    await withPage(browser(), FORCED, async (page) => {
      for (const name of ['step', 'step-wrong', 'security-full', 'codes', 'factor', 'enrol', 'locked']) {
        await page.goto(server.url(name));
        const bare = await page.evaluate<string[]>(
          "inPage.withoutEdge('input:not([type=hidden]), .button, .card, .panel, .state, .problem')",
        );
        expect([name, bare]).toEqual([name, []]);
      }
      await page.goto(server.url('security-full'));
      expect(await page.getByText('Two-factor authentication is on').isVisible()).toBe(true);
    });
  });

  describe('printed backup codes', () => {
    it('check 34: are one page of heading, address, account, date and codes, black on white in the dark too', async () => {
      await withPage(browser(), { colorScheme: 'dark' }, async (page) => {
        await page.goto(server.url('codes'));
        const pdf = await page.pdf({ format: 'A4' });
        expect(pdf.toString('latin1').match(/\/Type\s*\/Page\b/g)).toHaveLength(1);
        await page.emulateMedia({ media: 'print' });
        const text = (await page.locator('body').innerText()).replace(/\s+/g, ' ').trim();
        expect(text).toMatch(
          /^Backup codes for WebAdmin https:\/\/admin\.example\.com Account: anna@example\.com Made on: 24 November 2026 Each code works once\. Keep them where only you can find them\.( [\dA-Z]{4}(-[\dA-Z]{4}){3}){10}$/,
        );
        const png = PNG.sync.read(await page.screenshot());
        expect(pixelsOf(png)[0]?.light).toBe(255);
        const colours = await page.evaluate<string[]>(
          "[...document.querySelectorAll('.paper *, .codes li')].map((part) => getComputedStyle(part).color)",
        );
        expect(new Set(colours)).toEqual(new Set(['rgb(0, 0, 0)']));
        const box = await page.evaluate(
          "getComputedStyle(document.querySelector('.codes li'), '::before').borderTopWidth",
        );
        expect(box).toBe('1px');
      });
    });
  });

  describe('the focus', () => {
    it.each([true, false])(
      'check 5: is in the code field, and after an error in the summary (JavaScript: %s)',
      async (script) => {
        await withPage(browser(), { javaScriptEnabled: script }, async (page) => {
          for (const [name, selector] of [
            ['step', '#code'],
            ['step-backup', '#code'],
            ['sms', '#code'],
            ['enrol-phone', '#address'],
            ['enrol-phone-sent', '#code'],
            ['enrol-phone-there', '.problem'],
            ['step-wrong', '.problem'],
            ['key-wrong', '.problem'],
            ['enrol-wrong', '.problem'],
          ] as const) {
            await page.goto(server.url(name));
            // `autofocus` is heeded when the page is first drawn, which may be after it has loaded.
            await page.locator(`${selector}:focus`).waitFor();
            expect([name, await page.locator(':focus').count()]).toEqual([name, 1]);
          }
        });
      },
    );

    it.each([
      'step',
      'enrol',
      'codes',
      'security-full',
      'factor',
      'locked',
      'sms-two-phones',
      'enrol-phone-sent',
      'key',
      'enrol-key-another',
      'security-keys',
      'activity',
    ])('check 39: goes through %s from top to bottom, and is always seen', async (name) => {
      await withPage(browser(), {}, async (page) => {
        await page.goto(server.url(name));
        const stops = await page.evaluate<number>('inPage.startOfTabs()');
        const places: number[] = [];
        for (let stop = 0; stop < stops; stop += 1) {
          const { top, ring } = await page.evaluate<{ top: number; ring: number }>('inPage.focused()');
          expect([stop, ring]).toEqual([stop, 3]);
          places.push(Math.round(top / 60));
          await page.keyboard.press('Tab');
        }
        expect(places).toEqual(places.toSorted((a, b) => a - b));
      });
    });

    it('check 4: does not leave the field on the sixth digit; Enter sends', async () => {
      await withPage(browser(), {}, async (page) => {
        await page.goto(server.url('step'));
        await page.locator('#code:focus').waitFor();
        const before = server.posts.length;
        await page.keyboard.type('123456');
        expect(await page.locator('#code:focus').inputValue()).toBe('123456');
        expect(server.posts.length).toBe(before);
        await page.keyboard.press('Enter');
        await waitFor(() => server.posts.length > before);
        expect(server.posts.slice(before)).toEqual(['/2fa/totp']);
      });
    });

    it('finds digits in the order they are typed, from right to left too', async () => {
      await withPage(browser(), {}, async (page) => {
        await page.goto(server.url('codes', RIGHT_TO_LEFT));
        const directions = await page.evaluate(
          "['.codes', '#code'].map((part) => getComputedStyle(document.querySelector(part)).direction)",
        );
        expect(directions).toEqual(['ltr', 'ltr']);
        const [first, sixth] = await Promise.all(
          [0, 5].map((at) => page.locator('.codes li').nth(at).boundingBox()),
        );
        expect(first?.x).toBeLessThan(sixth?.x ?? 0);
      });
    });
  });

  describe('the script', () => {
    it('check 28: copies, and says so each time', async () => {
      await withPage(browser(), { permissions: ['clipboard-read', 'clipboard-write'] }, async (page) => {
        await page.goto(server.url('codes'));
        const status = page.getByRole('status');
        await page.getByRole('button', { name: 'Copy' }).click();
        await status.getByText('Copied', { exact: true }).waitFor();
        await page.getByRole('button', { name: 'Copy' }).click();
        await status.getByText('Copied again').waitFor();
        const copied = await page.evaluate<string>('navigator.clipboard.readText()');
        expect(copied.split('\n')).toHaveLength(10);
        expect(await page.locator('[data-copy]:focus').count()).toBe(1);

        await page.goto(server.url('enrol'));
        await page.locator('summary').click();
        await page.getByRole('button', { name: 'Copy' }).click();
        await status.getByText('Copied', { exact: true }).waitFor();
        expect(await page.evaluate<string>('navigator.clipboard.readText()')).toBe(
          'JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP',
        );
      });
    });

    it.each([
      ['there is no clipboard', 'undefined'],
      ['the clipboard refuses', '{ writeText: () => Promise.reject(new Error("no")) }'],
    ])('selects the text and says so when %s', async (_why, clipboard) => {
      await withPage(browser(), {}, async (page) => {
        await page.addInitScript(`Object.defineProperty(navigator, 'clipboard', { value: ${clipboard} })`);
        await page.goto(server.url('codes'));
        await page.getByRole('button', { name: 'Copy' }).click();
        await page.getByRole('status').getByText("Copying didn't work. The text is selected").waitFor();
        expect(await page.evaluate<number>(String.raw`getSelection().toString().match(/\S+/g).length`)).toBe(
          10,
        );
        await page.getByRole('button', { name: 'Copy' }).click();
        await page.getByRole('status').getByText("Copying still doesn't work").waitFor();
      });
    });

    it('offers to print only where that works', async () => {
      await withPage(browser(), {}, async (page) => {
        await page.goto(server.url('codes'));
        expect(await page.getByRole('button', { name: 'Print' }).count()).toBe(1);
        await page.addInitScript('delete window.print; delete Window.prototype.print');
        await page.goto(server.url('codes'));
        expect(await page.getByRole('button', { name: 'Print' }).count()).toBe(0);
        expect(await page.getByRole('button', { name: 'Copy' }).count()).toBe(1);
      });
    });

    it('is not needed: without it there is a word on printing, and no button that does nothing', async () => {
      await withPage(browser(), { javaScriptEnabled: false }, async (page) => {
        await page.goto(server.url('codes'));
        expect(await page.getByRole('button').allInnerTexts()).toEqual([
          'Download',
          'Turn on two-factor authentication',
          'Cancel',
        ]);
        expect(await page.locator('main').innerText()).toContain("use your browser's print command");
        const before = server.posts.length;
        await page.getByRole('button', { name: 'Cancel' }).click();
        await waitFor(() => server.posts.length > before);
        expect(server.posts.slice(before)).toEqual(['/2fa/security/totp/cancel']);
      });
    });

    it('check 12: sends a form once for a double click, and again a second later', async () => {
      await withPage(browser(), {}, async (page) => {
        await stopClock(page);
        await page.goto(server.url('step'));
        const before = server.posts.length;
        const button = page.getByRole('button', { name: 'Continue' });
        await button.dblclick();
        await waitFor(() => server.posts.length > before);
        expect(await button.getAttribute('aria-disabled')).toBe('true');
        expect(await button.isEnabled({ timeout: 100 }).catch(() => false)).toBe(false);
        expect(server.posts.slice(before)).toEqual(['/2fa/totp']);
        await page.clock.runFor(1001);
        expect(await button.getAttribute('aria-disabled')).toBeNull();
        await button.click();
        await waitFor(() => server.posts.length > before + 1);
        expect(server.posts.slice(before)).toEqual(['/2fa/totp', '/2fa/totp']);
      });
    });

    it('check 43: counts down until another code may be asked for, and speaks at the start, at the end and to whoever asks too soon', async () => {
      await withPage(browser(), {}, async (page) => {
        await stopClock(page);
        await page.goto(server.url('sms'));
        // Whatever the clock of the browser says: the server's tells how long.
        await page.evaluate(`
          window.said = [];
          const status = document.querySelector('.again [role=status]');
          said.push(status.textContent);
          new MutationObserver(() => said.push(status.textContent))
            .observe(status, { childList: true, characterData: true, subtree: true });
        `);
        const button = page.getByRole('button', { name: 'Send a new code' });
        const before = server.posts.length;
        expect(await page.locator('[data-countdown]').innerText()).toBe(
          'You can ask for a new code in 0:30.',
        );
        expect(await page.getByText('You can ask for a new code from').isVisible()).toBe(false);
        expect(await button.getAttribute('aria-disabled')).toBe('true');
        expect(await button.getAttribute('disabled')).toBeNull();
        await button.dispatchEvent('click');
        await page.clock.runFor(12_000);
        expect(await page.locator('[data-countdown]').innerText()).toBe(
          'You can ask for a new code in 0:18.',
        );
        await button.dispatchEvent('click');
        await page.clock.runFor(18_000);
        expect(server.posts.slice(before)).toEqual([]);
        expect(await page.locator('[data-countdown]').isVisible()).toBe(false);
        expect(await button.getAttribute('aria-disabled')).toBeNull();
        expect(await page.evaluate('said')).toEqual([
          'You can ask for a new code in 30 seconds.',
          'You can ask for a new code in 0:30.',
          'You can ask for a new code in 0:18.',
          'You can ask for a new code now.',
        ]);
        await button.dblclick();
        await waitFor(() => server.posts.length > before);
        expect(server.posts.slice(before)).toEqual(['/2fa/otp-sms/send']);
      });
    });

    it('leaves it to the server to say when another code is due, where there is no script', async () => {
      await withPage(browser(), { javaScriptEnabled: false }, async (page) => {
        await page.goto(server.url('sms'));
        expect(await page.locator('time').nth(1).innerText()).toBe('14:20:30 UTC');
        expect(await page.locator('[data-countdown]').isVisible()).toBe(false);
        const before = server.posts.length;
        await page.getByRole('button', { name: 'Send a new code' }).click();
        await waitFor(() => server.posts.length > before);
        expect(server.posts.slice(before)).toEqual(['/2fa/otp-sms/send']);
      });
    });

    it('does not wait for a code to another number', async () => {
      await withPage(browser(), {}, async (page) => {
        await stopClock(page);
        await page.goto(server.url('enrol-phone-sent'));
        await page.getByText('Use a different number').click();
        const button = page.getByRole('button', { name: 'Send the code' });
        expect(await button.getAttribute('aria-disabled')).toBeNull();
        expect(await page.getByRole('button', { name: 'Confirm' }).getAttribute('aria-disabled')).toBeNull();
        const before = server.posts.length;
        await button.click();
        await waitFor(() => server.posts.length > before);
        expect(server.posts.slice(before)).toEqual(['/2fa/security/otp-sms/send']);
      });
    });

    /** A browser that reads text messages; `arrive` is one that comes, `asked` what was asked for. */
    const WEB_OTP = `
      window.OTPCredential = class {};
      window.asked = [];
      navigator.credentials.get = (options) => {
        asked.push(JSON.stringify(options.otp));
        options.signal.addEventListener('abort', () => asked.push('stopped'));
        return new Promise((resolve, reject) => {
          window.arrive = (code) => resolve({ code });
          options.signal.addEventListener('abort', () => reject(options.signal.reason));
        });
      };
    `;

    it('C6: puts in the code of a text message, sends nothing by itself, and stops asking with the page', async () => {
      await withPage(browser(), {}, async (page) => {
        const errors: string[] = [];
        page.on('pageerror', (error) => errors.push(error.message));
        await page.addInitScript(WEB_OTP);
        for (const name of ['sms', 'enrol-phone-sent']) {
          await page.goto(server.url(name));
          const before = server.posts.length;
          expect(await page.evaluate('asked')).toEqual(['{"transport":["sms"]}']);
          await page.evaluate("arrive('004217')");
          expect(await page.locator('#code').inputValue()).toBe('004217');
          expect(server.posts.length).toBe(before);
          await page.keyboard.press('Enter');
          await waitFor(() => server.posts.length > before);
          expect(await page.evaluate('asked')).toEqual(['{"transport":["sms"]}', 'stopped']);
        }
        await page.goto(server.url('sms'));
        await page.evaluate("dispatchEvent(new PageTransitionEvent('pagehide', { persisted: true }))");
        expect(await page.evaluate('asked')).toEqual(['{"transport":["sms"]}', 'stopped']);
        expect(errors).toEqual([]);
        expect(await page.evaluate("inPage.otherFaults('en')")).toEqual([]);
      });
    });

    it('C6: asks for no text message before one is sent, on other pages, or of browsers that read none', async () => {
      await withPage(browser(), {}, async (page) => {
        const errors: string[] = [];
        page.on('pageerror', (error) => errors.push(error.message));
        await page.addInitScript(WEB_OTP);
        for (const name of ['sms-unsent', 'email', 'step', 'enrol-phone']) {
          await page.goto(server.url(name));
          expect([name, await page.evaluate('asked')]).toEqual([name, []]);
        }
        await page.addInitScript('delete window.OTPCredential');
        await page.goto(server.url('sms'));
        expect(await page.evaluate('asked')).toEqual([]);
        expect(errors).toEqual([]);
      });
    });

    it('check 32: takes the secrets off a page that is left, and asks the server on return', async () => {
      await withPage(browser(), {}, async (page) => {
        for (const [name, secret] of [
          ['codes', '7K2M-9QXR'],
          ['enrol', 'JBSW'],
        ] as const) {
          await page.goto(server.url(name));
          expect(await page.content()).toContain(secret);
          await page.evaluate("dispatchEvent(new PageTransitionEvent('pagehide', { persisted: true }))");
          expect(await page.content()).not.toContain(secret);
          expect(await page.locator('.qr').count()).toBe(0);
          const reloaded = page.waitForEvent('load');
          await page.evaluate("dispatchEvent(new PageTransitionEvent('pageshow', { persisted: true }))");
          await reloaded;
          expect(await page.content()).toContain(secret);
        }
      });
    });

    it('sorts what happened into the days of the reader', async () => {
      const daysIn = async (timezoneId: string, javaScriptEnabled: boolean) => {
        let days: [string, number][] = [];
        await withPage(browser(), { timezoneId, javaScriptEnabled }, async (page) => {
          await page.goto(server.url('activity'));
          const sections = await page.locator('[data-days] > section').all();
          days = await Promise.all(
            sections.map(async (section): Promise<[string, number]> => [
              await section.locator('h2').innerText(),
              await section.locator('li').count(),
            ]),
          );
        });
        return days;
      };
      const inUtc = [
        ['24 November 2026', 4],
        ['23 November 2026', 4],
        ['16 November 2026', 1],
      ];
      expect(await daysIn('Pacific/Auckland', false)).toEqual(inUtc);
      expect(await daysIn('UTC', true)).toEqual(inUtc);
      // Thirteen hours ahead.
      expect(await daysIn('Pacific/Auckland', true)).toEqual([
        ['25 November 2026', 4],
        ['24 November 2026', 4],
        ['16 November 2026', 1],
      ]);
    });

    it('shows times in the zone of the reader', async () => {
      await withPage(browser(), { timezoneId: 'Asia/Tokyo' }, async (page) => {
        await page.goto(server.url('locked'));
        expect(await page.locator('time').innerText()).toMatch(/^24 November 2026 at 23:20 (GMT\+9|JST)$/);
      });
      await withPage(browser(), { timezoneId: 'Asia/Tokyo', javaScriptEnabled: false }, async (page) => {
        await page.goto(server.url('locked'));
        expect(await page.locator('time').innerText()).toBe('24 November 2026 at 14:20 UTC');
      });
    });
  });
});

function pixelsOf({ data, width }: PNG): { x: number; y: number; light: number }[] {
  return Array.from({ length: data.length / 4 }, (_, at) => ({
    x: at % width,
    y: Math.floor(at / width),
    light: Math.min(...data.subarray(at * 4, at * 4 + 3)),
  }));
}

async function waitFor(done: () => boolean): Promise<void> {
  for (let round = 0; round < 100 && !done(); round += 1) {
    await new Promise((resolve) => {
      setTimeout(resolve, 20);
    });
  }
}
