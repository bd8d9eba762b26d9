import { isIP } from 'node:net';
import type { OutboxItem, ProofType, StaffAction, Told, UserId } from '../account/account';
import type { AskCode, RejectCode, Reply, RequestState } from '../account/recovery';
import type { LinkPurpose } from '../crypto/links';
import { SEGMENT, septets, transliterate } from '../delivery/gsm7';
import { composeMail, type MailPart, type MailText } from '../delivery/mail';
import {
  ENGLISH,
  fillIn,
  type MailLanguage,
  type MessageTexts,
  plainName,
  type Values,
} from '../delivery/message-texts';
import { smsWithLink } from '../delivery/sms-link';
import { smsName } from '../delivery/sms-text';
import { isNotice, type NoticeName } from './rules';

/** Past the point where somebody is asking, the subject says what has become of the request. */
const STAGES = {
  approved_waiting: 'approved',
  ready: 'waited',
  completed: 'granted',
  cancelled_by_owner: 'over',
  withdrawn: 'over',
  superseded_by_signin: 'over',
  rejected: 'over',
  expired: 'over',
} as const satisfies { readonly [state in RequestState]?: string };

type Stage = (typeof STAGES)[keyof typeof STAGES];

type Subject = `told.${NoticeName | `recovery.changed.${Stage}`}.subject`;
type Body = `told.${NoticeName}`;

/** How many backup codes are few. */
const FEW = 3;

/** When and where something happened. */
type PlaceKey =
  | 'told.when'
  | 'told.where'
  | 'told.where.unknown_browser'
  | 'told.where.browser_only'
  | 'told.where.unknown'
  | 'told.where.app'
  | 'mail.unnamed';

/** What a link that confirms a new browser comes with. */
export type LinkKey = PlaceKey | `link.${'subject' | 'intro' | 'open' | 'not_you' | 'never' | 'sms'}`;

export type NoticeKey =
  | Subject
  | Body
  | PlaceKey
  | 'told.named'
  | 'told.backup-code.used.none'
  | 'told.backup-code.used.few_left'
  | 'told.tries.used-up.others'
  | `told.recovery.changed.${RequestState}`
  | `told.staff.acted.${StaffAction}`
  | 'told.recovery.rules-changed.later'
  | `answer.${Answered | 'subject' | 'ticket' | 'status' | 'not_you' | 'sms' | 'written'}`
  | `reply.${AskCode | RejectCode}`
  | 'told.cancel'
  | 'told.cancel_sms'
  | 'told.was_you'
  | 'told.not_you'
  | 'told.object'
  | 'told.last'
  | 'told.reference'
  | 'told.sms'
  | `type.${ProofType}`;

/** How the app speaks. */
export interface Speech {
  readonly texts: MessageTexts<NoticeKey | LinkKey>;
  readonly appName: string;
  /** A time in words, with its zone. */
  moment(where: { readonly lang: string; readonly timeZone: string | null }, ms: number): string;
  direction(lang: string): MailLanguage['dir'];
  /** The address of a page without a login: see `Links`. */
  linkUrl(leadsTo: LinkPurpose, userId: UserId, id: string): string;
}

/** A link, and what it is for. */
export interface NoticeLink {
  readonly leadsTo: LinkPurpose;
  readonly url: string;
}

/**
 * What happened, when, where and what to do, as an e-mail. The mail that took over the accounts of npm's maintainers in
 * 2025 threatened, set a date and led to a page to sign in; so this one never does any of the three. The subject names
 * the first thing that happened.
 *
 * @param link where its reader can stop it; null: this one may only be told
 */
export function noticeMail(speech: Speech, item: OutboxItem, link: NoticeLink | null): MailText {
  const { language: lang, told, id } = item;
  const say = sayer(speech, lang);
  const app = plainName(speech.appName) || say('mail.unnamed');
  const moment = (at: number): string => speech.moment({ lang, timeZone: item.timeZone }, at);
  if (item.answers) return answerMail(speech, item, link, moment);
  const parts: MailPart[] = [
    ...told.flatMap((one) => (isNotice(one.name) ? happened(say, one, one.name, moment) : [])),
    { say: say('told.when'), values: { time: moment(item.at) } },
    where(say, item.from),
    { say: say('told.was_you') },
    ...(link === null
      ? [{ say: say('told.not_you') }]
      : [{ say: say(link.leadsTo === 'cancel' ? 'told.cancel' : 'told.object') }, { link: link.url }]),
    ...(told.some(({ last }) => last) ? [{ say: say('told.last') }] : []),
    { say: say('told.reference') },
  ];
  const language = { lang, dir: speech.direction(lang) };
  return composeMail(language, say(subjectOf(told)), parts, { app, reference: referenceOf(id) });
}

/** What whoever asks for access is told. They may be anybody, so it says nothing of the account. */
function answerMail(
  speech: Speech,
  { language: lang, told: [one], id, reply = {} }: OutboxItem,
  link: NoticeLink | null,
  moment: (at: number) => string,
): MailText {
  const say = sayer(speech, lang);
  const app = plainName(speech.appName) || say('mail.unnamed');
  const state = answered(one?.state);
  const values: Values = {
    request: one?.reference ?? '',
    ...(one?.until !== undefined && { until: moment(one.until) }),
  };
  const parts: MailPart[] = [
    { say: say(`answer.${state}`), values, isNews: true },
    ...written(say, reply),
    ...(link
      ? [{ say: say(link.leadsTo === 'ticket' ? 'answer.ticket' : 'answer.status') }, { link: link.url }]
      : []),
    { say: say('answer.not_you') },
    { say: say('told.reference') },
  ];
  const language = { lang, dir: speech.direction(lang) };
  return composeMail(language, say('answer.subject'), parts, { app, reference: referenceOf(id) });
}

/** What a reviewer says, and that it is they who do. */
function written(say: Say, { because, text }: Reply): MailPart[] {
  const lines = (text ?? '').split(/[\r\n]+/).filter((line) => line.trim() !== '');
  return [
    ...(because ? [{ say: say(`reply.${because}`) }] : []),
    ...(lines.length > 0 ? [{ say: say('answer.written') }] : []),
    ...lines.map((line) => ({ say: '{line}', values: { line: unlinked(line) } })),
  ];
}

/** What mail programs would turn into a link or an address: it is for nobody who works there to send one in our name. */
const unlinked = (line: string): string => line.replace(/[@＠]|:(?=\/\/)|[.。．｡](?=\p{L})/gu, '$& ');

const ANSWERED = [
  'awaiting_evidence',
  'more_info',
  'approved_waiting',
  'ready',
  'rejected',
  'completed',
] as const satisfies readonly RequestState[];

type Answered = (typeof ANSWERED)[number];

const answered = (state: RequestState | undefined): Answered =>
  ANSWERED.find((one) => one === state) ?? 'rejected';

/**
 * The same in one text message of GSM-7, in English if the language has other letters. If there is too little room, what
 * to do is left out, and then the app's name is cut. The last line tells a second copy from a second notice.
 */
export function noticeSms(speech: Speech, item: OutboxItem, link: NoticeLink | null): string {
  const { language: lang, told, id } = item;
  // Two or three messages: without the link it would be of no use.
  if (link && link.leadsTo !== 'object') {
    const { texts, appName } = speech;
    return smsWithLink(texts, lang, item.answers ? 'answer.sms' : 'told.cancel_sms', {
      appName,
      url: link.url,
    });
  }
  const lastLine = `\n${referenceOf(id)}`;
  const texts = [lang, ENGLISH].flatMap((language) => {
    const say = sayer(speech, language);
    const what = `${say(subjectOf(told))}.`;
    const app = smsName(speech.appName) || say('mail.unnamed');
    return [`${what} ${say('told.sms')}`, what].map((pattern) => {
      const text = transliterate(pattern);
      const room = SEGMENT - lastLine.length - fillIn(text, { app: '' }).length;
      const cut = app.slice(0, Math.max(0, Math.floor(room / (text.split('{app}').length - 1)))).trim();
      return { text: fillIn(text, { app: cut }) + lastLine, kept: cut.length };
    });
  });
  const [best] = texts
    .filter(({ text }) => (septets(text) ?? Infinity) <= SEGMENT)
    .toSorted((one, other) => other.kept - one.kept);
  return best?.text ?? lastLine.trim();
}

type Say<Key = NoticeKey> = (key: Key, count?: number) => string;

export const sayer =
  <Key extends NoticeKey | LinkKey = NoticeKey>({ texts }: Speech, lang: string): Say<Key> =>
  (key, count) =>
    texts.pattern(lang, key, count);

/** As people compare it. */
const referenceOf = (id: string): string => id.slice(0, 8);

function subjectOf(told: readonly Told[]): Subject {
  const first = told.find((one) => isNotice(one.name));
  const name = first?.name as NoticeName;
  const stage = name === 'recovery.changed' && first?.state && stageOf(first.state);
  return stage ? `told.recovery.changed.${stage}.subject` : `told.${name}.subject`;
}

const stageOf = (state: RequestState): Stage | undefined =>
  Object.entries(STAGES).find(([one]) => one === state)?.[1];

function happened(
  say: Say,
  { label = '', type, left, lane, reference = '', state, until, action }: Told,
  name: NoticeName,
  moment: (at: number) => string,
): MailPart[] {
  const news = (key: NoticeKey): MailPart => ({ say: say(key, left), values, isNews: true });
  const kind = type ? say(`type.${type}`) : '';
  const named = plainName(label);
  const values: Values = {
    type: kind,
    // A factor that nobody named is called what its kind is.
    factor: named.startsWith(kind) ? named : fillIn(say('told.named'), { label: named, type: kind }),
    ...(left !== undefined && { count: left }),
    request: reference,
    ...(until !== undefined && { until: moment(until) }),
  };
  if (name === 'recovery.changed' && state) return [news(`told.recovery.changed.${state}`)];
  if (name === 'staff.acted' && action) return [news(`told.staff.acted.${action}`)];
  if (name === 'recovery.rules-changed' && until !== undefined)
    return [news('told.recovery.rules-changed.later')];
  if (name === 'tries.used-up' && lane === 'others') return [news('told.tries.used-up.others')];
  if (name !== 'backup-code.used') return [news(`told.${name}`)];
  if (left === 0) return [news('told.backup-code.used.none')];
  const isLow = left !== undefined && left <= FEW;
  return [news('told.backup-code.used'), ...(isLow ? [{ say: say('told.backup-code.used.few_left') }] : [])];
}

export function where(say: Say<PlaceKey>, from: OutboxItem['from']): MailPart {
  if (from === null) return { say: say('told.where.app') };
  const { browser } = from;
  const address = shown(from.address ?? '');
  const values: Values = { ...browser, address };
  if (address === '') return { say: say(browser ? 'told.where.browser_only' : 'told.where.unknown'), values };
  return { say: say(browser ? 'told.where' : 'told.where.unknown_browser'), values };
}

/** As people know it, whatever socket it came through; a proxy may be made to pass on anything. */
const shown = (address: string): string => (isIP(address) ? address.replace(/^::ffff:(?=\d+\.)/i, '') : '');
