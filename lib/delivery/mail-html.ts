import { escapeHtml } from './html';
import { fillIn, type MailLanguage, type Values } from './message-texts';

export interface MailParts {
  readonly subject: string;
  /** Paragraphs before and after the code, their `{names}` not yet filled in. */
  readonly before: readonly string[];
  readonly code: string;
  readonly after: readonly string[];
  readonly values: Values;
}

/**
 * The mail as HTML: nothing that is loaded from anywhere, and no colours, so that light and dark are the
 * reader's own. Names are isolated, and the code stays left to right.
 */
export function mailHtml({ lang, dir }: MailLanguage, mail: MailParts): string {
  const values = Object.fromEntries(
    Object.entries(mail.values).map(([name, value]) => [name, `<bdi>${escapeHtml(value)}</bdi>`]),
  );
  const paragraph = (pattern: string): string => `<p>${fillIn(escapeHtml(pattern), values)}</p>`;
  return [
    '<!doctype html>',
    `<html lang="${escapeHtml(lang)}" dir="${dir}">`,
    '<head>',
    '<meta charset="utf-8">',
    '<meta name="viewport" content="width=device-width">',
    '<meta name="color-scheme" content="light dark">',
    `<title>${escapeHtml(mail.subject)}</title>`,
    '</head>',
    '<body style="font-family: sans-serif; line-height: 1.5">',
    ...mail.before.map(paragraph),
    '<p translate="no" style="font: bold 2em monospace">',
    '<bdi dir="ltr">',
    escapeHtml(mail.code),
    '</bdi>',
    '</p>',
    ...mail.after.map(paragraph),
    '</body>',
    '</html>',
    '',
  ].join('\n');
}
