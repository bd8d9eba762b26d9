import type { Request } from 'express';
import type { ActivityEntry } from '../stores/activity';
import { browserInWords } from './browser-words';
import type { Renderer } from './render';
import type { ActivityEntryView } from './views';

/** An entry as people read it: the browser by its name, and what has become of a request for access. */
export function entryInWords(renderer: Renderer, req: Request, entry: ActivityEntry): ActivityEntryView {
  const { id, at, name, result, type = null, label = null, browser, address, byApp } = entry;
  const isStep = name === 'recovery.changed' && label !== null;
  return {
    id,
    at,
    name,
    result,
    type,
    label: isStep ? stepInWords(renderer, req, label) : label,
    browser: byApp ? null : browserInWords(renderer, req, browser),
    address,
  };
}

const stepInWords = (renderer: Renderer, req: Request, state: string): string =>
  renderer.firstText(renderer.languageOf(req), [
    `activity.recovery.changed.${state}`,
    'activity.recovery.changed',
  ]);
