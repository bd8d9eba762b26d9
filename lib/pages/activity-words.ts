import type { Request } from 'express';
import type { ActivityEntry, ActivityName } from '../stores/activity';
import { browserInWords } from './browser-words';
import type { Renderer } from './render';
import type { ActivityEntryView } from './views';

/** An entry as people read it: the browser by its name, and in words what became of a request or what staff did. */
export function entryInWords(renderer: Renderer, req: Request, entry: ActivityEntry): ActivityEntryView {
  const { id, at, name, result, type = null, label = null, browser, address, byApp } = entry;
  // Where it is no factor's, the label says what happened.
  const isTold = type === null && label !== null;
  return {
    id,
    at,
    name,
    result,
    type,
    label: isTold ? labelInWords(renderer, req, name, label) : label,
    browser: byApp ? null : browserInWords(renderer, req, browser),
    address,
  };
}

const labelInWords = (renderer: Renderer, req: Request, name: ActivityName, label: string): string =>
  renderer.firstText(renderer.languageOf(req), [`activity.${name}.${label}`, `activity.${name}`]);
