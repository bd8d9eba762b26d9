import { escapeHtml } from '../delivery/html';

// ISO/IEC 18004 §6.3.8: four modules of quiet zone, part of the image so that no theme can colour it.
export const QUIET = 4;
// Whole pixels per module, so that none is drawn thinner than the next; a big code still fits on a phone.
const MODULE_PX = 4;
const BIG = 60;
// A long name makes a dense code, which scans better with bigger modules than with more redundancy.
const DENSE = 300;

/** A QR code as an SVG path in modules, its quiet zone included. */
export async function qrPath(text: string): Promise<{ readonly side: number; readonly path: string }> {
  const { create } = await import('qrcode');
  const { modules } = create(text, { errorCorrectionLevel: text.length > DENSE ? 'L' : 'M' });
  let path = '';
  for (let row = 0; row < modules.size; row += 1) {
    for (let start = 0; start < modules.size; start += 1) {
      let end = start;
      while (end < modules.size && modules.get(row, end)) end += 1;
      if (end === start) continue;
      path += `M${start + QUIET} ${row + QUIET}h${end - start}v1h${start - end}z`;
      start = end;
    }
  }
  return { side: modules.size + 2 * QUIET, path };
}

/**
 * An otpauth URI as an inline SVG that is black on white in every theme (by its class in style.css) and needs no
 * `data:` in a Content-Security-Policy. `label` is for screen readers.
 */
export async function qrSvg(uri: string, label: string): Promise<string> {
  const { side, path } = await qrPath(uri);
  const px = side * (side > BIG ? MODULE_PX - 1 : MODULE_PX);
  return (
    `<svg class="qr" role="img" aria-label="${escapeHtml(label)}" viewBox="0 0 ${side} ${side}" ` +
    `width="${px}" height="${px}" shape-rendering="crispEdges">` +
    `<path fill="#fff" d="M0 0h${side}v${side}H0z"/><path fill="#000" d="${path}"/></svg>`
  );
}
