import type { Request, Router } from 'express';
import { type Refusal, refuse } from '../errors';
import { contentIn, recoveryForm } from '../recovery/form';
import type { Paper } from '../recovery/pdf';
import { appUrl, baseOf, parameter } from '../session/address';
import { callBack } from '../session/promised';
import { knownLoginState } from '../session/request-state';
import { failWith } from '../session/step';
import { anyCodesFile } from './backup-codes';
import { isForeignRead } from './csrf';
import { fileName } from './file-name';
import type { PageContext } from './page-context';
import type { LostView } from './views';

const path = '/lost';
const PAPERS: readonly Paper[] = ['a4', 'letter'];
/** Of a language (BCP 47). */
const LONGEST_TAG = 35;

interface Wanted {
  readonly lang: string;
  readonly paper: Paper;
}

/** For people who have lost access to everything, and so can't sign in: what may still help, and the blank form. */
export function lostPages(router: Router, context: PageContext): void {
  const { runtime, respond, renderer } = context;
  const { lostAccess, appName } = runtime.options;
  /** Anyone may ask for it, so each is made only once: at most one for each of our languages and paper sizes. */
  const forms = new Map<string, Promise<Buffer>>();

  router.get([path, `${path}/form.pdf`, `${path}/form.html`], (req, res, next) => {
    if (lostAccess === null) return respond.refuse(req, res, refuse('not_found'));
    if (isForeignRead(req)) return respond.refuse(req, res, refuse('bad_origin'));
    next();
  });
  router.get(path, (req, res) => {
    const formUrl = `${baseOf(runtime, req)}${path}/form.pdf`;
    if (respond.wantsJson(req)) return respond.json(req, res, { formUrl });
    respond.page(req, res, 'lost', triageOf(req, formUrl));
  });
  router.get(`${path}/form.pdf`, (req, res, next) => {
    const wanted = wantedOf(req);
    if (!('paper' in wanted)) return respond.refuse(req, res, wanted);
    const send = (file: Buffer): void => {
      const name = `${fileName(appName, 'lost access', wanted.lang)}.pdf`;
      res.attachment(name).type('application/pdf').send(file);
    };
    callBack(blankForm(wanted), send, failWith(runtime, req, res, next));
  });
  router.get(`${path}/form.html`, (req, res) => {
    const wanted = wantedOf(req);
    if (!('paper' in wanted)) return respond.refuse(req, res, wanted);
    const backUrl = `${baseOf(runtime, req)}${path}`;
    const content = contentIn(wanted.lang, about());
    respond.page(
      req,
      res,
      'lost-form',
      { content, paper: wanted.paper, backUrl, qr: null },
      200,
      wanted.lang,
    );
  });

  function about() {
    if (lostAccess === null) throw new TypeError('there is no form');
    return { text: renderer.text, appName, form: lostAccess.form, prefill: null };
  }

  function blankForm({ lang, paper }: Wanted): Promise<Buffer> {
    const key = `${lang} ${paper}`;
    const made = forms.get(key) ?? recoveryForm({ ...about(), lang, paper });
    forms.set(key, made);
    made.catch(() => forms.delete(key));
    return made;
  }

  function wantedOf(req: Request): Wanted | Refusal {
    const given = parameter(req, 'paper') ?? 'a4';
    const paper = PAPERS.find((one) => one === given);
    if (paper === undefined) return refuse('malformed', { field: 'paper' });
    const tag = parameter(req, 'locale') ?? '';
    const named = tag.length <= LONGEST_TAG ? renderer.languageNamed(tag) : undefined;
    return { paper, lang: named ?? renderer.languageOf(req) };
  }

  function triageOf(req: Request, formUrl: string): LostView {
    const lang = renderer.languageOf(req);
    const at = (url: string, paper: Paper) => `${url}?paper=${paper}&locale=${lang}`;
    return {
      next: nextOf(req),
      codesFile: anyCodesFile(appName),
      files: PAPERS.map((paper) => ({ paper, url: at(formUrl, paper) })),
      pageUrl: at(formUrl.replace(/pdf$/, 'html'), 'a4'),
      sendTo: about().form.sendTo,
    };
  }

  function nextOf(req: Request): LostView['next'] {
    const status = knownLoginState(req)?.status;
    const base = baseOf(runtime, req);
    if (status === 'owed') return { href: `${base}/choose`, text: 'lost.try_ways' };
    if (status === 'passed' || status === 'exempt')
      return { href: `${base}/security`, text: 'security.title' };
    return { href: appUrl(runtime, req, runtime.options.loginUrl), text: 'lost.sign_in' };
  }
}
