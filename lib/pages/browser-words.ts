import type { Request } from 'express';
import type { BrowserName } from '../account/account';
import type { Renderer } from './render';

/** `Firefox on Windows`, in the language of the request. */
export function browserInWords(renderer: Renderer, req: Request, name: BrowserName | null): string {
  const lang = renderer.languageOf(req);
  return name === null
    ? renderer.text(lang, 'browser.unknown')
    : renderer.text(lang, 'browser.name', { ...name });
}
