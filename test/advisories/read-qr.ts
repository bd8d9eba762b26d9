import { execFile } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import jsQr from 'jsqr';
import { PNG } from 'pngjs';

const pixelsAModule = 4;

interface Picture {
  readonly side: number;
  /** RGBA */
  readonly pixels: Buffer;
}

/** The QR code of a page as pixels: its dark runs, `M<column> <row>h<length>…`, painted on white. */
function paint(html: string): Picture {
  const svg = /<svg class="qr".*?<\/svg>/s.exec(html)?.[0] ?? '';
  const modules = Number(/viewBox="0 0 (\d+) /.exec(svg)?.[1]);
  const side = modules * pixelsAModule;
  const pixels = Buffer.alloc(side * side * 4, 255);
  const [, dark = ''] = svg.split('fill="#000"');
  for (const [, column, row, length] of dark.matchAll(/M(\d+) (\d+)h(\d+)v1h-\d+z/g)) {
    for (let y = Number(row) * pixelsAModule; y < (Number(row) + 1) * pixelsAModule; y += 1) {
      const from = y * side + Number(column) * pixelsAModule;
      for (let at = from; at < from + Number(length) * pixelsAModule; at += 1) {
        pixels.writeUIntBE(0, at * 4, 3);
      }
    }
  }
  return { side, pixels };
}

/** What the QR code of a page says, by jsQR. */
export function readByJsQr(html: string): string | undefined {
  const { side, pixels } = paint(html);
  return jsQr(new Uint8ClampedArray(pixels), side, side)?.data;
}

/** What it says by ZBar, which is a program of its own. */
export async function readByZbar(html: string): Promise<string> {
  const { side, pixels } = paint(html);
  const png = new PNG({ width: side, height: side });
  pixels.copy(png.data);
  const folder = await mkdtemp(join(tmpdir(), 'qr-'));
  try {
    const file = join(folder, 'qr.png');
    await writeFile(file, PNG.sync.write(png));
    const { stdout } = await promisify(execFile)('zbarimg', ['--quiet', '--raw', '-Sbinary', file]);
    return stdout;
  } finally {
    await rm(folder, { recursive: true });
  }
}
