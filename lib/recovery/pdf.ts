import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type PDFDocument from 'pdfkit';
import { escapeHtml } from '../delivery/html';
import { spelledOut } from './letters';

export type Paper = 'a4' | 'letter';
export type Weight = 'regular' | 'bold';
/** A part of the document's structure, for screen readers. */
export type Structure = PDFKit.PDFStructureElement;

export interface Style {
  readonly size: number;
  readonly weight?: Weight;
  readonly color?: string;
}

export interface Area {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}

/** pdfkit's own root of the document, for fields that it can't make. */
interface Root {
  readonly data: { readonly AcroForm: { readonly data: { readonly Fields: PDFKit.PDFKitReference[] } } };
}

/** When the first form is made: it takes a while to load. */
const pdfkit = (): typeof PDFDocument => require('pdfkit') as typeof PDFDocument;

const LINE_GAP = 0.12;
/**
 * Letters with accents are glyphs of their own. The font would make some of two, and pdfkit then writes the letter down as
 * the meaning of its first half: after one `ị` every `i` is read aloud, and copied, as `ị`.
 */
const WHOLE_LETTERS = { ccmp: false } as unknown as PDFKit.Mixins.TextOptions['features'];
/** What people type is in the reader's own Helvetica: it has letters that our subset need not have. */
const TYPED = 'Helv';

/**
 * Says that it is PDF/UA (ISO 14289-1 §5). pdfkit's own option for that also lists the glyphs of each font, and not all of
 * them, which the standard forbids (§7.21.4.2).
 */
const ACCESSIBLE =
  '<rdf:Description xmlns:pdfuaid="http://www.aiim.org/pdfua/ns/id/" rdf:about="">' +
  '<pdfuaid:part>1</pdfuaid:part></rdf:Description>';

/** pdfkit writes plain strings as names, and String objects as text. */
const words = (text: string): unknown => Object(spelledOut(text)) as unknown;
const raw = (text: string): unknown => Object(text) as unknown;

/** pdfkit writes it once as text, and once into XML as its `toString()` says, without escaping it. */
const forMetadata = (text: string): string =>
  Object.assign(Object(spelledOut(text)) as string, { toString: () => escapeHtml(spelledOut(text)) });

let fonts: Readonly<Record<Weight, Buffer>> | null = null;

function ourFonts(): Readonly<Record<Weight, Buffer>> {
  const read = (name: string) => readFileSync(join(__dirname, 'fonts', `NotoSans-${name}.ttf`));
  fonts ??= { regular: read('Regular'), bold: read('Bold') };
  return fonts;
}

/** A tagged PDF with fields, on paper of that size. Places are in points from the upper left. */
export function createPdf(about: { title: string; author: string; lang: string; paper: Paper }) {
  const doc = new (pdfkit())({
    size: about.paper === 'a4' ? 'A4' : 'LETTER',
    // Ours: pdfkit would begin a new page by itself.
    margin: 0,
    pdfVersion: '1.7',
    tagged: true,
    lang: about.lang,
    displayTitle: true,
    bufferPages: true,
    info: { Title: forMetadata(about.title), Author: forMetadata(about.author) },
  });
  doc.appendXML(ACCESSIBLE);
  const chunks: Buffer[] = [];
  doc.on('data', (chunk: Buffer) => chunks.push(chunk));
  for (const [weight, font] of Object.entries(ourFonts())) doc.registerFont(weight, font);
  const root = doc.struct('Document');
  doc.addStructure(root);
  const { fields } = formOf(doc);

  function styled({ size, weight = 'regular', color = '#000' }: Style): PDFKit.Mixins.TextOptions {
    doc.font(weight).fontSize(size).fillColor(color);
    return { lineGap: size * LINE_GAP, features: WHOLE_LETTERS };
  }

  /** Ink that says nothing to a screen reader. */
  function decoration(draw: () => void): void {
    doc.markContent('Artifact', { type: 'Layout' });
    draw();
    doc.endMarkedContent();
  }

  function field(parent: Structure, { x, y, width, height }: Area, kind: object): void {
    const element = doc.struct('Form');
    parent.add(element);
    const widget = { Subtype: 'Widget', F: 4, structParent: element, ...kind };
    doc.annotate(x, y, width, height, widget as PDFKit.Mixins.AnnotationOption);
    const added = (doc.page as unknown as { annotations: PDFKit.PDFKitReference[] }).annotations.at(-1);
    if (added) fields.push(added);
    // At once: pdfkit takes the page that it is at when it writes the element for the field's own.
    element.end();
  }

  /** How a field looks. */
  function look({ width, height }: Area, drawing: string): PDFKit.PDFKitReference {
    const ref = doc.ref({ Type: 'XObject', Subtype: 'Form', BBox: [0, 0, width, height], Resources: {} });
    ref.end(Buffer.from(drawing));
    return ref;
  }

  return {
    root,
    width: doc.page.width,
    height: doc.page.height,
    /** A part within another. */
    part(parent: Structure, type: string): Structure {
      const element = doc.struct(type);
      parent.add(element);
      return element;
    },
    heightOf(text: string, width: number, style: Style): number {
      return doc.heightOfString(spelledOut(text), { ...styled(style), width });
    },
    widthOf(text: string, style: Style): number {
      return doc.widthOfString(spelledOut(text), styled(style));
    },
    text(
      parent: Structure,
      type: string,
      text: string,
      { x, y, width }: Omit<Area, 'height'>,
      style: Style,
    ): void {
      const element = doc.struct(type, {}, () => {
        doc.text(spelledOut(text), x, y, { ...styled(style), width });
      });
      parent.add(element);
      element.end();
    },
    line(x: number, y: number, width: number, color = '#555'): void {
      decoration(() =>
        doc
          .moveTo(x, y)
          .lineTo(x + width, y)
          .lineWidth(0.6)
          .stroke(color),
      );
    },
    box(
      { x, y, width, height }: Area,
      { fill, color = '#555' }: { fill?: string; color?: string } = {},
    ): void {
      decoration(() => {
        doc.rect(x, y, width, height).lineWidth(0.6);
        if (fill) doc.fillAndStroke(fill, color);
        else doc.stroke(color);
      });
    },
    /** Paths in a unit of their own, as wide as the area. */
    figure(
      parent: Structure,
      alt: string,
      area: Area & { unit: number },
      paths: readonly { path: string; fill?: string; line?: string }[],
    ): void {
      const { x, y, width, height, unit } = area;
      const bbox = [x, y, x + width, y + height] as [number, number, number, number];
      const element = doc.struct(
        'Figure',
        { alt: spelledOut(alt), bbox, placement: 'Block' } as object,
        () => {
          doc
            .save()
            .translate(x, y)
            .scale(width / unit);
          for (const { path, fill, line } of paths) {
            if (fill) doc.path(path).fill(fill);
            if (line) doc.path(path).lineWidth(0.8).stroke(line);
          }
          doc.restore();
        },
      );
      parent.add(element);
      element.end();
    },
    entry(parent: Structure, name: string, label: string, area: Area): void {
      field(parent, area, {
        FT: 'Tx',
        T: raw(name),
        TU: words(label),
        DA: raw(`/${TYPED} ${Math.min(10, area.height - 4)} Tf 0 g`),
        AP: { N: look(area, '/Tx BMC EMC') },
      });
    },
    tick(parent: Structure, name: string, label: string, area: Area): void {
      const { width: w, height: h } = area;
      // One path: poppler clips a second one where another program has filled in text before it.
      const cross = `1.4 w 2 2 m ${w - 2} ${h - 2} l 2 ${h - 2} m ${w - 2} 2 l S`;
      field(parent, area, {
        FT: 'Btn',
        T: raw(name),
        TU: words(label),
        V: 'Off',
        AS: 'Off',
        AP: { N: { Yes: look(area, cross), Off: look(area, '') } },
      });
    },
    /** Room for a signature, by hand or by a program. */
    signature(parent: Structure, name: string, label: string, area: Area): void {
      field(parent, area, { FT: 'Sig', T: raw(name), TU: words(label), AP: { N: look(area, '') } });
    },
    newPage(): void {
      doc.addPage();
    },
    /** Writes at the foot of each page, and gives the file. */
    async finish(
      foot: (page: number, pages: number) => readonly [string, string],
      place: Omit<Area, 'height'>,
      style: Style,
    ) {
      const { count } = doc.bufferedPageRange();
      for (let page = 0; page < count; page += 1) {
        doc.switchToPage(page);
        const [start, end] = foot(page + 1, count);
        doc.markContent('Artifact', { type: 'Pagination' });
        const options = { ...styled(style), width: place.width, lineBreak: false };
        doc.text(spelledOut(start), place.x, place.y, options);
        doc.text(spelledOut(end), place.x, place.y, { ...options, align: 'right' });
        doc.endMarkedContent();
      }
      root.end();
      const ended = new Promise<void>((resolve) => doc.on('end', resolve));
      doc.end();
      await ended;
      return { pages: count, file: Buffer.concat(chunks) };
    },
  };
}

export type Pdf = ReturnType<typeof createPdf>;

/** The form's own dictionary. Each field has its look, so no reader draws them anew, which would break a signature. */
function formOf(doc: PDFKit.PDFDocument): { readonly fields: PDFKit.PDFKitReference[] } {
  const font = doc.ref({
    Type: 'Font',
    Subtype: 'Type1',
    BaseFont: 'Helvetica',
    Encoding: 'WinAnsiEncoding',
  });
  font.end(null);
  doc.font('regular').initForm();
  const { data } = (Reflect.get(doc, '_root') as Root).data.AcroForm;
  Object.assign(data, {
    NeedAppearances: false,
    DR: { Font: { [TYPED]: font } },
    DA: raw(`/${TYPED} 10 Tf 0 g`),
  });
  return { fields: data.Fields };
}
