import type { FormContent } from './form-content';
import { createPdf, type Paper } from './pdf';
import { createPress, type Block } from './press';

const SIDE = 42;
const TOP = 34;
const FOOT = 38;

/** Puts the form on paper, with letters of `scale` times their usual size. No section is parted. */
export async function layOut(
  content: FormContent,
  lang: string,
  paper: Paper,
  scale: number,
): Promise<{ readonly pages: number; readonly file: Buffer }> {
  const [author = ''] = content.operator;
  const pdf = createPdf({ title: `${content.title} – ${author}`, author, lang, paper });
  const column = { x: SIDE, width: pdf.width - 2 * SIDE };
  const press = createPress(pdf, column, scale);
  let y = TOP;
  const put = (block: Block, beginsPage = false): void => {
    if (beginsPage || y + block.height > pdf.height - FOOT) {
      pdf.newPage();
      y = TOP;
    }
    const part = pdf.part(pdf.root, 'Sect');
    block.draw(part, y);
    part.end();
    y += block.height;
  };
  put(await press.head(content));
  put(press.warning(content.warning));
  for (const section of content.sections) put(press.section(section), section.beginsPage);
  put(press.office(content.office));
  const foot = (page: number, pages: number) => [content.foot, content.page(page, pages)] as const;
  return pdf.finish(foot, { ...column, y: pdf.height - FOOT + 12 }, { size: 8, color: '#444' });
}
