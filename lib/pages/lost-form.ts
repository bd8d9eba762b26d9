import type { Request, Response } from 'express';
import type { RecoverySettings } from '../core/scope';
import { refuse, type Refusal } from '../errors';
import { contentIn, type FormRequest, recoveryForm } from '../recovery/form';
import type { Prefill } from '../recovery/form-content';
import type { Paper } from '../recovery/pdf';
import { parameter } from '../session/address';
import { fileName } from './file-name';
import type { PageContext } from './page-context';
import { qrSvg } from './qr';

export const PAPERS: readonly Paper[] = ['a4', 'letter'];
/** Of a language (BCP 47). */
const LONGEST_TAG = 35;

const DAY = 86_400_000;
/** How long operators wait who decide without requests (docs/lost-access.md#by-the-form-alone). */
const BY_HAND: RecoverySettings['waits'] = { short: 3 * DAY, long: 7 * DAY };

export const daysOf = ({ short, long }: RecoverySettings['waits']): RecoverySettings['waits'] => ({
  short: Math.max(1, Math.ceil(short / DAY)),
  long: Math.max(1, Math.ceil(long / DAY)),
});

/** How somebody wants the form. */
export interface WantedForm {
  readonly lang: string;
  readonly paper: Paper;
}

/** The form of lost access, as a file and as a page. */
export function createLostForm({ runtime, respond, renderer }: PageContext) {
  const { lostAccess, appName } = runtime.options;
  const waits = daysOf(runtime.settings.recovery?.waits ?? BY_HAND);

  function about(prefill: Prefill | null): Omit<FormRequest, 'lang' | 'paper'> {
    if (lostAccess === null) throw new TypeError('there is no form');
    return { text: renderer.text, appName, form: lostAccess.form, waits, prefill };
  }

  return {
    about,
    wanted(req: Request): WantedForm | Refusal {
      const given = parameter(req, 'paper') ?? 'a4';
      const paper = PAPERS.find((one) => one === given);
      if (paper === undefined) return refuse('malformed', { field: 'paper' });
      const tag = parameter(req, 'locale') ?? '';
      const named = tag.length <= LONGEST_TAG ? renderer.languageNamed(tag) : undefined;
      return { paper, lang: named ?? renderer.languageOf(req) };
    },
    file: (wanted: WantedForm, prefill: Prefill | null): Promise<Buffer> =>
      recoveryForm({ ...about(prefill), ...wanted }),
    sendFile(res: Response, { lang }: WantedForm, prefill: Prefill | null, file: Buffer): void {
      const name = fileName(appName, 'lost access', prefill?.reference ?? '', lang);
      res.attachment(`${name}.pdf`).type('application/pdf').send(file);
    },
    async sendPage(
      req: Request,
      res: Response,
      { lang, paper }: WantedForm,
      prefill: Prefill | null,
      backUrl: string,
    ): Promise<void> {
      const content = contentIn(lang, about(prefill));
      const qr = content.qr && (await qrSvg(content.qr.url, content.qr.label));
      respond.page(req, res, 'lost-form', { content, paper, backUrl, qr }, 200, lang);
    },
  };
}
