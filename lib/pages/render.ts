import type { IncomingMessage } from 'node:http';
import { ENGLISH } from '../delivery/message-texts';
import { type Assets, createAssets } from './assets';
import { type Catalogue, createCatalogue, type TextKey, type TextParams, type Texts } from './catalogue';
import { createDates } from './dates';
import { createLanguageOf, lookUp } from './locale';
import { loadTemplates, ownViews } from './templates';
import { createHelpers } from './template-helpers';
import type { PageFrame, ViewName, Views } from './views';

export interface RendererOptions {
  readonly appName: string;
  /** A folder whose EJS files replace those of ours with the same name. */
  readonly views?: string | undefined;
  /** More languages, or other wording: `{ fr: { 'step.title': '…' } }`. */
  readonly locales?: Readonly<Record<string, Texts>> | undefined;
  /** The language of a request; if it gives none, Accept-Language decides. */
  readonly locale?: ((req: IncomingMessage) => string | undefined) | undefined;
  /** Added to our stylesheet. */
  readonly css?: string | null;
}

type PageZone = Pick<PageFrame, 'lang' | 'timeZone'>;

export interface Renderer {
  html<V extends ViewName>(view: V, data: Views[V], frame: PageFrame): string;
  text(this: void, lang: string, key: TextKey, params?: TextParams): string;
  /** The first of these texts that exists; the last one must. */
  firstText(lang: string, keys: readonly string[], params?: TextParams): string;
  /** A day in words. */
  date(zone: PageZone, ms: number): string;
  /** A day and a time in words, with its zone. */
  moment(zone: PageZone, ms: number): string;
  languageOf(req: IncomingMessage): string;
  /** The language of ours for a tag, such as `cs` for `cs-CZ`. */
  languageNamed(tag: string): string | undefined;
  /** What messages say. */
  readonly messages: Pick<Catalogue, 'pattern'>;
  readonly assets: Assets;
}

/** Everything a person sees: reads, checks and compiles it all once, so that a request only fills it in. */
export function createRenderer({ appName, views, locales, locale, css = null }: RendererOptions): Renderer {
  const folder = ownViews();
  const catalogue = createCatalogue(locales);
  const render = loadTemplates(folder, views);
  const assets = createAssets(folder, css);
  return {
    html: (view, data, page) => {
      const lang = catalogue.languages.includes(page.lang) ? page.lang : ENGLISH;
      const helpers = createHelpers(lang, catalogue, createDates(lang, page.timeZone));
      return render(view, { ...helpers, view: data, page, appName, assets });
    },
    text: (lang, key, params) => catalogue.text(lang, key, params),
    firstText: (lang, keys, params) =>
      catalogue.text(lang, keys.find((key) => catalogue.has(key)) ?? 'error.unknown', params),
    date: ({ lang, timeZone }, ms) => createDates(lang, timeZone)(ms, 'date'),
    moment: ({ lang, timeZone }, ms) => createDates(lang, timeZone)(ms, 'moment'),
    messages: catalogue,
    languageOf: createLanguageOf(catalogue.languages, locale),
    languageNamed: (tag) => lookUp(tag, catalogue.languages),
    assets,
  };
}
