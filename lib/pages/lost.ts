import type { Request, Response, Router } from 'express';
import { refuse, type Refusal } from '../errors';
import type { Paper } from '../recovery/pdf';
import { appUrl, baseOf } from '../session/address';
import { textIn } from '../session/body';
import { callBack } from '../session/promised';
import { completeLoginOf, knownLoginState } from '../session/request-state';
import { failWith } from '../session/step';
import { anyCodesFile } from './backup-codes';
import { refuseForeignByHeaders } from './csrf';
import { createLostForm, PAPERS, type WantedForm } from './lost-form';
import { liveCodeUrl } from './live-code';
import { fieldError, formStatus, type PageContext } from './page-context';
import type { LostDoors, LostView } from './views';
import { maskedName } from './who-is-meant';

const path = '/lost';

/** For people who have lost access to everything, and so can't sign in: what may still help, and the blank form. */
export function lostPages(router: Router, context: PageContext): void {
  const { runtime, respond } = context;
  const { lostAccess } = runtime.options;
  const form = createLostForm(context);
  const show = createTriage(context);
  /** Anyone may ask for it, so each is made only once: at most one for each of our languages and paper sizes. */
  const files = new Map<string, Promise<Buffer>>();

  router.get([path, `${path}/form.pdf`, `${path}/form.html`], (req, res, next) => {
    if (lostAccess === null) return respond.refuse(req, res, refuse('not_found'));
    const foreign = refuseForeignByHeaders(runtime, req);
    if (foreign) return respond.refuse(req, res, foreign);
    next();
  });
  router.get(path, (req, res, next) => {
    show(req, res).catch(failWith(runtime, req, res, next));
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
}

/** Shows the page; after a refusal, with the error at the form that blocks. */
export function createTriage(context: PageContext) {
  const { runtime, respond, renderer } = context;
  const { appName } = runtime.options;
  const form = createLostForm(context);

  return async (req: Request, res: Response, refusal?: Refusal): Promise<void> => {
    const formUrl = `${baseOf(runtime, req)}${path}/form.pdf`;
    if (respond.wantsJson(req)) return respond.json(req, res, { formUrl });
    const lang = renderer.languageOf(req);
    const about = form.about(null);
    const view: LostView = {
      next: nextOf(req),
      liveCodeUrl: liveCodeUrl(runtime, req),
      codesFile: anyCodesFile(appName),
      ...filesAt(formUrl, lang),
      sendTo: about.form.sendTo,
      waits: about.waits,
      doors: await doorsOf(req, refusal),
    };
    respond.page(req, res, 'lost', view, refusal ? formStatus(refusal) : 200);
  };

  function nextOf(req: Request): LostView['next'] {
    const base = baseOf(runtime, req);
    if (knownLoginState(runtime, req)?.status === 'owed')
      return { href: `${base}/choose`, text: 'lost.try_ways' };
    if (completeLoginOf(runtime, req)) return { href: `${base}/security`, text: 'security.title' };
    return { href: appUrl(runtime, req, runtime.options.loginUrl), text: 'lost.sign_in' };
  }

  async function doorsOf(req: Request, refusal?: Refusal): Promise<LostDoors | null> {
    const { recovery } = runtime.settings;
    if (!recovery) return null;
    const base = `${baseOf(runtime, req)}${path}`;
    return {
      user: await maskedName(runtime, req),
      byName: runtime.options.users.byIdentifier !== undefined,
      identifier: textIn(req, 'identifier'),
      error: refusal ? fieldError(refusal, runtime.now()) : null,
      blockUrl: `${base}/block`,
      startUrl: `${base}/requests`,
    };
  }
}

/** The form as a file in each size of paper, and as a page. */
export function filesAt(formUrl: string, lang: string): Pick<LostView, 'files' | 'pageUrl'> {
  const at = (url: string, paper: Paper) => `${url}?paper=${paper}&locale=${lang}`;
  return {
    files: PAPERS.map((paper) => ({ paper, url: at(formUrl, paper) })),
    pageUrl: at(formUrl.replace(/pdf$/, 'html'), 'a4'),
  };
}
