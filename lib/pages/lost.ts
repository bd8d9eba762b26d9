import type { Request, Router } from 'express';
import { refuse } from '../errors';
import { appUrl, baseOf } from '../session/address';
import { callBack } from '../session/promised';
import { knownLoginState } from '../session/request-state';
import { failWith } from '../session/step';
import { anyCodesFile } from './backup-codes';
import { isForeignRead } from './csrf';
import type { Paper } from '../recovery/pdf';
import { createLostForm, PAPERS, type WantedForm } from './lost-form';
import type { PageContext } from './page-context';
import type { LostView } from './views';

const path = '/lost';

/** For people who have lost access to everything, and so can't sign in: what may still help, and the blank form. */
export function lostPages(router: Router, context: PageContext): void {
  const { runtime, respond, renderer } = context;
  const { lostAccess, appName } = runtime.options;
  const form = createLostForm(context);
  /** Anyone may ask for it, so each is made only once: at most one for each of our languages and paper sizes. */
  const files = new Map<string, Promise<Buffer>>();

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
    const wanted = form.wanted(req);
    if (!('paper' in wanted)) return respond.refuse(req, res, wanted);
    const send = (file: Buffer): void => form.sendFile(res, wanted, null, file);
    callBack(blankForm(wanted), send, failWith(runtime, req, res, next));
  });
  router.get(`${path}/form.html`, (req, res, next) => {
    const wanted = form.wanted(req);
    if (!('paper' in wanted)) return respond.refuse(req, res, wanted);
    const backUrl = `${baseOf(runtime, req)}${path}`;
    form.sendPage(req, res, wanted, null, backUrl).catch(failWith(runtime, req, res, next));
  });

  function blankForm(wanted: WantedForm): Promise<Buffer> {
    const key = `${wanted.lang} ${wanted.paper}`;
    const made = files.get(key) ?? form.file(wanted, null);
    files.set(key, made);
    made.catch(() => files.delete(key));
    return made;
  }

  function triageOf(req: Request, formUrl: string): LostView {
    const lang = renderer.languageOf(req);
    const at = (url: string, paper: Paper) => `${url}?paper=${paper}&locale=${lang}`;
    return {
      next: nextOf(req),
      codesFile: anyCodesFile(appName),
      files: PAPERS.map((paper) => ({ paper, url: at(formUrl, paper) })),
      pageUrl: at(formUrl.replace(/pdf$/, 'html'), 'a4'),
      sendTo: form.about(null).form.sendTo,
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
