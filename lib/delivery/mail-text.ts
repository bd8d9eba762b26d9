import { composeMail, type MailPart, type MailText } from './mail';
import { type MailLanguage, type MessageTexts, plainName, type Purpose } from './message-texts';

const KEYS = {
  sign_in: {
    subject: 'mail.sign_in.subject',
    intro: 'mail.sign_in.intro',
    reference: 'mail.reference',
    notYou: 'mail.sign_in.not_you',
  },
  confirm: {
    subject: 'mail.confirm.subject',
    intro: 'mail.confirm.intro',
    reference: 'mail.reference',
    notYou: 'mail.confirm.not_you',
  },
  lost_access: {
    subject: 'mail.lost_access.subject',
    intro: 'mail.lost_access.intro',
    // The page of a request shows the reference of the request instead.
    reference: 'mail.lost_access.reference',
    notYou: 'mail.lost_access.not_you',
  },
  enrol: {
    subject: 'mail.enrol.subject',
    intro: 'mail.enrol.intro',
    reference: 'mail.reference',
    notYou: 'mail.enrol.not_you',
  },
} as const;

type KeyOfPurpose = (typeof KEYS)[Purpose];
export type MailKey = KeyOfPurpose[keyof KeyOfPurpose] | 'mail.minutes' | 'mail.secret' | 'mail.unnamed';

export interface MailCode {
  readonly purpose: Purpose;
  readonly code: string;
  readonly appName: string;
  /** The page shows it too, where it asks for a sign-in: see `randomReference`. */
  readonly reference: string;
  readonly minutes: number;
}

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
  const parts: MailPart[] = [
    { say: pattern(keys.intro) },
    { code },
    { say: pattern('mail.minutes', minutes) },
    { say: pattern(keys.reference) },
    { say: pattern('mail.secret') },
    { say: pattern(keys.notYou) },
  ];
  return composeMail(language, pattern(keys.subject), parts, { app, reference, count: minutes });
}
