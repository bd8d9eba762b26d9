import { escapeHtml } from './html';
import { fillIn, type MailLanguage, type Values } from './message-texts';

export interface MailText {
  readonly subject: string;
  readonly text: string;
  readonly html: string;
}

/**
 * One paragraph: words whose `{names}` are not yet filled in, a code, or a link on a line to itself. `isNews`: why the
 * mail was written.
 */
export type MailPart =
  | { readonly say: string; readonly values?: Values; readonly isNews?: true }
  | { readonly code: string }
  | { readonly link: string };

/**
 * An e-mail as text and as HTML, from the same parts: nothing is loaded from anywhere, and there are no colours, so
 * that light or dark is up to the reader. Names are isolated; codes and links stay left to right.
 *
 * @param subject its `{names}` not yet filled in
 */
export function composeMail(
  language: MailLanguage,
  subject: string,
  parts: readonly MailPart[],
  values: Values,
): MailText {
  const filled = oneLine(fillIn(subject, values));
  return {
    subject: filled,
    text: `${parts.map((part) => textOf(part, values)).join('\n\n')}\n`,
    html: htmlOf(language, filled, parts, values),
  };
}

const textOf = (part: MailPart, values: Values): string =>
  'say' in part ? fillIn(part.say, { ...values, ...part.values }) : 'code' in part ? part.code : part.link;

/** RFC 5322 §2.1.1: what every mailer accepts as one line. */
const LONGEST_SUBJECT = 150;

/** A line break in a subject would begin a header. */
const oneLine = (text: string): string =>
  Array.from(text.replace(/[\s\p{Cc}\p{Zl}\p{Zp}]+/gu, ' ').trim())
    .slice(0, LONGEST_SUBJECT)
    .join('');

function htmlOf(
  { lang, dir }: MailLanguage,
  subject: string,
  parts: readonly MailPart[],
  values: Values,
): string {
  return [
    '<!doctype html>',
    `<html lang="${escapeHtml(lang)}" dir="${dir}">`,
    '<head>',
    '<meta charset="utf-8">',
    '<meta name="viewport" content="width=device-width">',
    '<meta name="color-scheme" content="light dark">',
    `<title>${escapeHtml(subject)}</title>`,
    '</head>',
    '<body style="font-family: sans-serif; line-height: 1.5; max-width: 36em; margin: 0 auto; padding: 1em">',
    ...parts.flatMap((part) => paragraph(part, values)),
    '</body>',
    '</html>',
    '',
  ].join('\n');
}

function paragraph(part: MailPart, values: Values): string[] {
  if ('say' in part) {
    const isolated = Object.entries({ ...values, ...part.values }).map(([name, value]) => [
      name,
      // A reference such as `RA-BCDFGHJKMN` is compared with another, so it is not broken after its hyphen.
      `<bdi${name === 'request' ? ' style="white-space: nowrap"' : ''}>${escapeHtml(value)}</bdi>`,
    ]);
    const style = part.isNews ? ' style="font-size: 1.2em; font-weight: bold"' : '';
    return [`<p${style}>${fillIn(escapeHtml(part.say), Object.fromEntries(isolated) as Values)}</p>`];
  }
  if ('code' in part)
    return [
      '<p translate="no" style="font: bold 2em monospace">',
      '<bdi dir="ltr">',
      escapeHtml(part.code),
      '</bdi>',
      '</p>',
    ];
  const href = escapeHtml(part.link);
  return [`<p style="overflow-wrap: anywhere"><a href="${href}" dir="ltr">${href}</a></p>`];
}
