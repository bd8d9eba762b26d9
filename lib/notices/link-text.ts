import type { OutboxItem } from '../account/account';
import type { Address } from '../delivery/address';
import { composeMail, type MailText } from '../delivery/mail';
import type { Message } from '../delivery/message';
import { plainName } from '../delivery/message-texts';
import { smsWithLink } from '../delivery/sms-link';
import { type LinkKey, sayer, type Speech, where } from './notice-text';

/** A link that confirms a new browser, and the sign-in that it belongs to. */
export interface LinkMessage extends Pick<OutboxItem, 'at' | 'from' | 'language' | 'timeZone'> {
  readonly url: string;
}

/** It says what is going on before it asks for anything, and has no other link. */
export function linkMail(speech: Speech, { url, at, from, language: lang, timeZone }: LinkMessage): MailText {
  const say = sayer<LinkKey>(speech, lang);
  const app = plainName(speech.appName) || say('mail.unnamed');
  const parts = [
    { say: say('link.intro') },
    { say: say('told.when'), values: { time: speech.moment({ lang, timeZone }, at) } },
    where(say, from),
    { say: say('link.open') },
    { link: url },
    { say: say('link.not_you') },
    { say: say('link.never') },
  ];
  return composeMail({ lang, dir: speech.direction(lang) }, say('link.subject'), parts, { app });
}

export const linkSms = ({ texts, appName }: Speech, { url, language }: LinkMessage): string =>
  smsWithLink(texts, language, 'link.sms', { appName, url });

export const linkMessage = (speech: Speech, { channel, address: to }: Address, link: LinkMessage): Message =>
  channel === 'sms'
    ? { channel, to, text: linkSms(speech, link) }
    : { channel, to, ...linkMail(speech, link) };
