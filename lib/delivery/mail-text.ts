import { escapeHtml } from './html';
import {
  fillIn,
  type MailLanguage,
  type MessageTexts,
  plainName,
  type Purpose,
  type Values,
} from './message-texts';

const KEYS = {
  sign_in: { subject: 'mail.sign_in.subject', intro: 'mail.sign_in.intro', notYou: 'mail.sign_in.not_you' },
  confirm: { subject: 'mail.confirm.subject', intro: 'mail.confirm.intro', notYou: 'mail.confirm.not_you' },
  enrol: { subject: 'mail.enrol.subject', intro: 'mail.enrol.intro', notYou: 'mail.enrol.not_you' },
} as const;

type KeyOfPurpose = (typeof KEYS)[Purpose];
export type MailKey =
  KeyOfPurpose[keyof KeyOfPurpose] | 'mail.minutes' | 'mail.secret' | 'mail.reference' | 'mail.unnamed';

export interface MailCode {
  readonly purpose: Purpose;
  readonly code: string;
  readonly appName: string;
  /** The page shows it too: see `randomReference`. */
  readonly reference: string;
  readonly minutes: number;
}

export interface MailText {
  readonly subject: string;
  readonly text: string;
  readonly html: string;
}

/** RFC 5322 §2.1.1: what every mailer accepts as one line. */
const LONGEST_SUBJECT = 150;

/**
 * The e-mail with a code. It contains no link, so that nobody learns to follow one; the subject says what the code is
 * for but not the code itself, which lock screens would show; thanks to the reference in it, mail programs don't
 * collapse a second e-mail into the first. The code is the only run of six digits and has a line to itself, so that no
 * mailer wraps it.
 */
export function mailText(texts: MessageTexts<MailKey>, language: MailLanguage, mail: MailCode): MailText {
  const { code, reference, minutes } = mail;
  const keys = KEYS[mail.purpose];
  const pattern = (key: MailKey, count?: number): string => texts.pattern(language.lang, key, count);
  const app = plainName(mail.appName) || pattern('mail.unnamed');
  const values = { app, reference, count: minutes };
  const subject = oneLine(fillIn(pattern(keys.subject), values));
  const before = [pattern(keys.intro)];
  const after = [
    pattern('mail.minutes', minutes),
    pattern('mail.reference'),
    pattern('mail.secret'),
    pattern(keys.notYou),
  ];
  const fill = (paragraph: string): string => fillIn(paragraph, values);
  return {
    subject,
    text: `${[...before.map(fill), code, ...after.map(fill)].join('\n\n')}\n`,
    html: mailHtml(language, { subject, before, code, after, values }),
  };
}

/** A line break in a subject would begin a header. */
const oneLine = (text: string): string =>
  Array.from(text.replace(/[\s\p{Cc}\p{Zl}\p{Zp}]+/gu, ' ').trim())
    .slice(0, LONGEST_SUBJECT)
    .join('');

interface MailParts {
  readonly subject: string;
  /** Paragraphs before and after the code, their `{names}` not yet filled in. */
  readonly before: readonly string[];
  readonly code: string;
  readonly after: readonly string[];
  readonly values: Values;
}

/**
 * The e-mail as HTML: nothing is loaded from anywhere, and there are no colours, so that light or dark is up to the
 * reader. Names are isolated, and the code stays left to right.
 */
function mailHtml({ lang, dir }: MailLanguage, mail: MailParts): string {
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
