import jsQR from 'jsqr';
import { qrSvg } from '../../lib/pages/qr';

const uri = 'otpauth://totp/WebAdmin:anna%40example.com?secret=JBSWY3DPEHPK3PXP&issuer=WebAdmin';

describe('the QR code', () => {
  it('is read back as the address it was made of, by a decoder that is not the encoder', async () => {
    expect(read(await qrSvg(uri, 'QR'))).toBe(uri);
  });

  it('is read back also with the longest name: 64 emoji for the app, and again as its issuer', async () => {
    const name = encodeURIComponent('👾'.repeat(64));
    const long = `otpauth://totp/${name}:${encodeURIComponent('宮腰@example.com')}?secret=JBSWY3DPEHPK3PXP&issuer=${name}`;
    expect(read(await qrSvg(long, 'QR'))).toBe(long);
  });

  it('has four modules of white around it', async () => {
    const { size, dark } = draw(await qrSvg(uri, 'QR'));
    const edge = [...dark].filter((at) => {
      const [x, y] = [at % size, Math.floor(at / size)];
      return Math.min(x, y, size - 1 - x, size - 1 - y) < 4;
    });
    expect(edge).toEqual([]);
    expect(dark.has(4 * size + 4)).toBe(true);
  });

  it('has a name for screen readers, escaped, in which there is no secret', async () => {
    const svg = await qrSvg(uri, 'QR "code" <scan>');
    expect(svg).toContain('role="img" aria-label="QR &#34;code&#34; &lt;scan&gt;"');
    expect(svg).not.toContain('JBSW');
    expect(svg).not.toMatch(/<title|style=|<style|<image|href/);
  });

  it('is drawn in whole pixels a module, and fits on a phone', async () => {
    const svg = await qrSvg(uri, 'QR');
    const { size } = draw(svg);
    const width = Number(/width="(\d+)"/.exec(svg)?.[1]);
    expect(width % size).toBe(0);
    expect(width).toBeLessThanOrEqual(246);
  });
});

/** Its dark modules, drawn from the path as a browser would. */
function draw(svg: string): { size: number; dark: ReadonlySet<number> } {
  const size = Number(/viewBox="0 0 (\d+)/.exec(svg)?.[1]);
  const path = /fill="#000" d="([^"]+)"/.exec(svg)?.[1] ?? '';
  const dark = new Set<number>();
  for (const [, x, y, width] of path.matchAll(/M(\d+) (\d+)h(\d+)v1h-\d+z/g)) {
    for (let at = 0; at < Number(width); at += 1) dark.add(Number(y) * size + Number(x) + at);
  }
  return { size, dark };
}

function read(svg: string): string | undefined {
  const { size, dark } = draw(svg);
  const px = 4;
  const pixels = new Uint8ClampedArray((size * px) ** 2 * 4).fill(255);
  for (let y = 0; y < size * px; y += 1) {
    for (let x = 0; x < size * px; x += 1) {
      if (!dark.has(Math.floor(y / px) * size + Math.floor(x / px))) continue;
      pixels.fill(0, (y * size * px + x) * 4, (y * size * px + x) * 4 + 3);
    }
  }
  return jsQR(pixels, size * px, size * px)?.data;
}
