import { QUIET, qrPath } from '../pages/qr';
import type { Entry, FormContent, Part, Section, Tick } from './form-content';
import { spelledOut } from './letters';
import type { Area, Pdf, Structure, Style } from './pdf';
import type { Ink } from './pictures';

/** Something with its height, so that it can be kept on one page. */
export interface Block {
  readonly height: number;
  draw(parent: Structure, y: number): void;
}

const QR_SIDE = 78;
/** 0.5 mm: what phones read from paper, and copies of it. */
const QR_MODULE = 1.42;
/** Room for the longest domain (RFC 1035 §2.3.4); what is longer would take long to measure. */
const LONGEST_LINE = 300;
const SMALLEST_SHARE = 0.6;
const GREY = '#444';
const FILLS: Readonly<Record<Ink, string>> = { dark: '#000', grey: '#9a9a9a', pale: '#fff' };

/** Makes the blocks of a form for a column of a PDF, with letters of `scale` times their usual size. */
export function createPress(pdf: Pdf, column: { readonly x: number; readonly width: number }, scale: number) {
  const { x, width } = column;
  const body: Style = { size: 9 * scale };
  const strong: Style = { ...body, weight: 'bold' };
  const small: Style = { size: 7.5 * scale, color: GREY };
  const fieldHeight = 18 * scale;
  const boxSide = 11 * scale;

  const gap = (height: number): Block => ({ height, draw: () => undefined });

  const stack = (...blocks: readonly Block[]): Block => ({
    height: blocks.reduce((sum, { height }) => sum + height, 0),
    draw(parent, top) {
      let y = top;
      for (const block of blocks) {
        block.draw(parent, y);
        y += block.height;
      }
    },
  });

  const text = (words: string, style: Style = body, type = 'P', indent = 0, room = width): Block => ({
    height: pdf.heightOf(words, room - indent, style) + 2 * scale,
    draw: (parent, y) => pdf.text(parent, type, words, { x: x + indent, y, width: room - indent }, style),
  });

  /** In smaller letters, and cut where even those are too wide. */
  function oneLine(parent: Structure, words: string, area: Omit<Area, 'height'>, style: Style): void {
    const widest = area.width - 2;
    const whole = spelledOut(words.slice(0, LONGEST_LINE));
    const share = Math.max(SMALLEST_SHARE, Math.min(1, widest / pdf.widthOf(whole, style)));
    const fitting = { ...style, size: style.size * share };
    const fits = (some: string): boolean => pdf.widthOf(some, fitting) <= widest;
    if (words.length <= LONGEST_LINE && fits(whole)) return pdf.text(parent, 'P', whole, area, fitting);
    const letters = [...whole];
    const cutAt = (length: number): string => `${letters.slice(0, length).join('')}…`;
    let [short, long] = [0, letters.length];
    while (long - short > 1) {
      const between = Math.floor((short + long) / 2);
      if (fits(cutAt(between))) short = between;
      else long = between;
    }
    pdf.text(parent, 'P', cutAt(short), area, fitting);
  }

  function list(items: readonly string[]): Block {
    const blocks = items.map((item) => text(item, body, 'LBody', 10));
    return {
      height: stack(...blocks).height,
      draw(parent, top) {
        const points = pdf.part(parent, 'L');
        let y = top;
        for (const block of blocks) {
          const item = pdf.part(points, 'LI');
          pdf.text(item, 'Lbl', '•', { x: x + 1, y, width: 10 }, body);
          block.draw(item, y);
          item.end();
          y += block.height;
        }
        points.end();
      },
    };
  }

  /** Side by side, each with its share of the line. */
  function entries(all: readonly Entry[], room = width): Block {
    const between = 12;
    const shares = all.reduce((sum, { share = 1 }) => sum + share, 0);
    const unit = (room - between * (all.length - 1)) / shares;
    const widths = all.map(({ share = 1 }) => unit * share);
    const labels = Math.max(...all.map(({ label }, at) => pdf.heightOf(label, widths[at] ?? 0, small)));
    return {
      height: labels + fieldHeight + 4 * scale,
      draw(parent, y) {
        let left = x;
        for (const [at, one] of all.entries()) {
          const area = { x: left, y: y + labels, width: widths[at] ?? 0, height: fieldHeight };
          pdf.text(parent, 'P', one.label, { ...area, y }, small);
          if (one.value === null) pdf.entry(parent, one.name, one.label, area);
          else
            oneLine(parent, one.value, { ...area, y: area.y + 2 * scale }, { ...strong, size: 10 * scale });
          if (one.value === null) pdf.line(area.x, area.y + area.height, area.width);
          left += area.width + between;
        }
      },
    };
  }

  /** Boxes to tick, in as many lines as they need. */
  function ticks(label: string, all: readonly Tick[]): Block {
    const lineHeight = 16 * scale;
    const lead = { ...small, size: 8 * scale };
    const places: { tick: Tick; x: number; line: number; width: number }[] = [];
    let [left, line] = [pdf.widthOf(label, lead) + 12, 0];
    for (const tick of all) {
      const needed = boxSide + 4 + pdf.widthOf(tick.label, body) + 1;
      if (left + needed > width) [left, line] = [0, line + 1];
      places.push({ tick, x: x + left, line, width: needed });
      left += needed + 14;
    }
    return {
      height: (line + 1) * lineHeight + 2 * scale,
      draw(parent, y) {
        pdf.text(parent, 'P', label, { x, y: y + 1, width }, lead);
        for (const { tick, ...place } of places) {
          const top = y + place.line * lineHeight;
          const box = { x: place.x, y: top + 1, width: boxSide, height: boxSide };
          pdf.box(box);
          pdf.tick(parent, tick.name, `${label}: ${tick.label}`, box);
          const words = { x: place.x + boxSide + 4, y: top, width: place.width };
          pdf.text(parent, 'P', tick.label, words, body);
        }
      },
    };
  }

  /** An empty box with a word in its corner. */
  const room = (label: string, height: number, fill: (parent: Structure, y: number) => void): Block => ({
    height: height + 4 * scale,
    draw(parent, y) {
      pdf.box({ x, y, width, height });
      pdf.text(parent, 'P', label, { x: x + 4, y: y + 2, width: width - 8 }, small);
      fill(parent, y);
    },
  });

  function pictures(all: Extract<Part, { kind: 'pictures' }>['pictures']): Block {
    const between = 14;
    const side = Math.min(116 * scale, (width - between * (all.length - 1)) / all.length);
    const heights = all.map(({ picture }) => (side * picture.height) / picture.width);
    const labels = Math.max(...all.map(({ label }) => pdf.heightOf(label, side, small)));
    const tallest = Math.max(...heights);
    return {
      height: tallest + labels + 8 * scale,
      draw(parent, y) {
        for (const [at, { label, alt, picture }] of all.entries()) {
          const left = x + at * (side + between);
          const area = { x: left, y: y + 2, width: side, height: heights[at] ?? 0, unit: picture.width };
          const paths = picture.shapes.map(({ path, ink }) => ({ path, fill: FILLS[ink] }));
          pdf.figure(parent, alt, area, [...paths, { path: picture.edge, line: '#000' }]);
          pdf.text(parent, 'P', label, { x: left, y: y + tallest + 4, width: side }, small);
        }
      },
    };
  }

  function part(one: Part): Block {
    switch (one.kind) {
      case 'text':
        return text(one.text, one.isStrong ? strong : body);
      case 'list':
        return list(one.items);
      case 'entries':
        return entries(one.entries);
      case 'ticks':
        return ticks(one.label, one.ticks);
      case 'pictures':
        return pictures(one.pictures);
      case 'signature': {
        const height = 46 * scale;
        return room(one.label, height, (parent, y) =>
          pdf.signature(parent, one.name, one.label, { x, y, width, height }),
        );
      }
      case 'seal':
      default:
        return room(one.label, 52 * scale, () => undefined);
    }
  }

  function sectionOf({ title, parts }: Section): Block {
    const heading: Style = { size: 11 * scale, weight: 'bold' };
    return stack(gap(5 * scale), text(title, heading, 'H2'), gap(scale), ...parts.map(part));
  }

  return {
    async head({ operator, title, subtitle, version, reference, qr }: FormContent): Promise<Block> {
      const drawn = qr && (await qrPath(qr.url));
      const side = drawn ? Math.max(QR_SIDE, drawn.side * QR_MODULE) : 0;
      const besides = width - (drawn ? side + 16 : 0);
      const words = stack(
        text(operator.join(' · '), small, 'P', 0, besides),
        gap(4 * scale),
        text(title, { size: 19 * scale, weight: 'bold' }, 'H1', 0, besides),
        text(`${subtitle} · ${version}`, { ...body, color: GREY }, 'P', 0, besides),
        gap(5 * scale),
        entries(reference, besides),
      );
      return {
        height: Math.max(words.height, side) + 6 * scale,
        draw(parent, y) {
          words.draw(parent, y);
          if (!qr || !drawn) return;
          // Its quiet zone reaches into the margin, so that the black ends where the lines do.
          const quiet = (side * QUIET) / drawn.side;
          const area = {
            x: x + width - side + quiet,
            y: y - quiet / 2,
            width: side,
            height: side,
            unit: drawn.side,
          };
          pdf.figure(parent, qr.label, area, [{ path: drawn.path, fill: '#000' }]);
        },
      };
    },
    warning(words: string): Block {
      const style = { ...strong, size: 9.5 * scale };
      const inner = text(words, style, 'P', 10, width - 10);
      return {
        height: inner.height + 14 * scale,
        draw(parent, y) {
          const area = { x, y, width, height: inner.height + 8 * scale };
          pdf.box(area, { fill: '#eee', color: '#000' });
          inner.draw(parent, y + 5 * scale);
        },
      };
    },
    /** A letter: its title, what it is, its code in a box, and what to do with it. */
    letter({
      title,
      intro,
      code: [label, code],
      sections,
    }: {
      title: string;
      intro: string;
      code: readonly [label: string, code: string];
      sections: readonly Section[];
    }): readonly Block[] {
      const large: Style = { size: 20 * scale, weight: 'bold' };
      const words = text(code, large, 'P', 10, width - 10);
      const box: Block = {
        height: words.height + 30 * scale,
        draw(parent, y) {
          pdf.box({ x, y: y + 4 * scale, width, height: words.height + 18 * scale });
          pdf.text(parent, 'P', label, { x: x + 10, y: y + 7 * scale, width: width - 20 }, small);
          words.draw(parent, y + 18 * scale);
        },
      };
      return [
        stack(
          text(title, { size: 14 * scale, weight: 'bold' }, 'H1'),
          gap(4 * scale),
          text(intro),
          gap(6 * scale),
        ),
        box,
        ...sections.map(sectionOf),
      ];
    },
    section: sectionOf,
    office({ title, lines }: FormContent['office']): Block {
      const height = 44 * scale;
      const share = (width - 16) / lines.length;
      return {
        height: height + 8 * scale,
        draw(parent, y) {
          const top = y + 8 * scale;
          pdf.box({ x, y: top, width, height }, { fill: '#eee' });
          pdf.text(parent, 'H2', title, { x: x + 8, y: top + 3, width }, { ...small, weight: 'bold' });
          for (const [at, label] of lines.entries()) {
            const left = x + 8 + at * share;
            pdf.text(parent, 'P', label, { x: left, y: top + 14 * scale, width: share - 10 }, small);
            pdf.line(left, top + height - 6, share - 10);
          }
        },
      };
    },
  };
}
