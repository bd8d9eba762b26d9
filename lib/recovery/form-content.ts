import type { TextKey, TextParams } from '../pages/catalogue';
import type { LostAccessForm } from '../options/options';
import { card, invoice, licence, passport, register, type Picture } from './pictures';

/** What the form of a request already says. It holds no secret, and of the account only a masked name. */
export interface Prefill {
  readonly reference: string;
  readonly checkCode: string;
  /** Masked: `a•••@example.com`; null: whoever asks has not shown that they know whose it is. */
  readonly account: string | null;
  /** The whole address, for the QR code. */
  readonly statusUrl: string;
  /** The day it was made, in words. */
  readonly date: string;
}

/** What the form says in one language, for the PDF and the page alike. */
export interface FormContent {
  readonly title: string;
  readonly subtitle: string;
  readonly operator: readonly string[];
  /** Which form this is, for the operator's files. */
  readonly version: string;
  readonly reference: readonly Entry[];
  readonly qr: { readonly url: string; readonly label: string } | null;
  readonly warning: string;
  readonly sections: readonly Section[];
  readonly office: { readonly title: string; readonly lines: readonly string[] };
  /** At the foot of each page. */
  readonly foot: string;
  readonly page: (page: number, pages: number) => string;
}

export interface Section {
  readonly title: string;
  /** On the first page is what the office compares, on the second what people read and sign. */
  readonly beginsPage?: true;
  readonly parts: readonly Part[];
}

/** Filled in by people, unless its value is known. */
export interface Entry {
  readonly name: string;
  readonly label: string;
  readonly value: string | null;
  /** What browsers may fill in. */
  readonly autocomplete?: string;
  /** Its share of the line. */
  readonly share?: number;
}

export interface Tick {
  readonly name: string;
  readonly label: string;
}

export type Part =
  | { readonly kind: 'text'; readonly text: string; readonly isStrong?: true }
  | { readonly kind: 'list'; readonly items: readonly string[] }
  | { readonly kind: 'entries'; readonly entries: readonly Entry[] }
  | { readonly kind: 'ticks'; readonly label: string; readonly ticks: readonly Tick[] }
  | { readonly kind: 'signature'; readonly name: string; readonly label: string }
  | { readonly kind: 'seal'; readonly label: string }
  | {
      readonly kind: 'pictures';
      readonly pictures: readonly {
        readonly label: string;
        readonly alt: string;
        readonly picture: Picture;
      }[];
    };

/** Goes up whenever a printed form can no longer be read like the ones before it. */
const VERSION = 1;

const LOST = ['totp', 'webauthn', 'otp-sms', 'otp-email', 'backup-code', 'password'] as const;
const ENCLOSED = ['identity', 'invoice', 'register', 'police', 'more'] as const;

const COPIES = ['leave', 'cover', 'bill', 'company'] as const;
const PICTURES = [
  ['card', card],
  ['passport', passport],
  ['licence', licence],
  ['invoice', invoice],
  ['register', register],
] as const;

export interface FormFacts {
  readonly appName: string;
  readonly form: Required<LostAccessForm>;
  /** From the approval until access, in days. */
  readonly waits: { readonly short: number; readonly long: number };
  /** null: the blank form, which is for everybody. */
  readonly prefill: Prefill | null;
}

export function formContent(
  t: (key: TextKey, params?: TextParams) => string,
  { appName, form, waits, prefill }: FormFacts,
): FormContent {
  const entry = (name: string, label: string, more: Partial<Entry> = {}): Entry => ({
    name,
    label,
    value: null,
    ...more,
  });
  const tick = (group: string, one: string, label: string): Tick => ({ name: `${group}-${one}`, label });
  const text = (key: TextKey, params?: TextParams): Part => ({ kind: 'text', text: t(key, params) });
  const entries = (...all: readonly Entry[]): Part => ({ kind: 'entries', entries: all });
  const operator = form.operator[0] ?? appName;
  const days = (count: number): string => t('lost.days', { count });

  return {
    title: t('form.title'),
    subtitle: t('form.subtitle', { app: appName }),
    operator: form.operator,
    version: t('form.version', { version: VERSION }),
    reference: [
      entry('reference', t(prefill ? 'form.reference' : 'form.reference.blank'), {
        value: prefill?.reference ?? null,
        share: 1.6,
      }),
      entry('checkCode', t('form.check_code'), { value: prefill?.checkCode ?? null }),
      ...(prefill ? [entry('made', t('form.date'), { value: prefill.date, share: 1.2 })] : []),
    ],
    qr: prefill && { url: prefill.statusUrl, label: t('form.qr') },
    warning: t('form.warning'),
    sections: [
      {
        title: t('form.account'),
        parts: [
          entries(
            entry('account', t('form.account.name'), {
              value: prefill?.account ?? null,
              autocomplete: 'username',
              share: 2,
            }),
            ...(form.customerNumber ? [entry('customerNumber', t('form.account.customer'))] : []),
          ),
          {
            kind: 'ticks',
            label: t('form.account.holder'),
            ticks: [
              tick('holder', 'person', t('form.account.person')),
              tick('holder', 'company', t('form.account.company')),
            ],
          },
        ],
      },
      {
        title: t('form.holder'),
        parts: [
          entries(
            entry('name', t('form.holder.name'), { autocomplete: 'name', share: 2 }),
            ...(form.birthDate
              ? [entry('birthDate', t('form.holder.birth_date'), { autocomplete: 'bday' })]
              : []),
          ),
          entries(entry('address', t('form.holder.address'), { autocomplete: 'street-address' })),
          entries(
            entry('phone', t('form.holder.phone'), { autocomplete: 'tel' }),
            entry('email', t('form.holder.email'), { autocomplete: 'email' }),
          ),
          entries(
            entry('companyName', t('form.company.name'), { autocomplete: 'organization', share: 1.6 }),
            entry('companyNumber', t('form.company.number')),
            entry('companyCountry', t('form.company.country')),
          ),
          entries(entry('representative', t('form.company.representative'))),
        ],
      },
      {
        title: t('form.lost'),
        parts: [
          {
            kind: 'ticks',
            label: t('form.lost.label'),
            ticks: LOST.map((one) => tick('lost', one, t(`form.lost.${one}`))),
          },
          entries(
            entry('lostSince', t('form.lost.since')),
            entry('policeReference', t('form.lost.police'), { share: 2 }),
          ),
          {
            kind: 'ticks',
            label: t('form.stolen'),
            ticks: [tick('stolen', 'yes', t('form.yes')), tick('stolen', 'no', t('form.no'))],
          },
        ],
      },
      { title: t('form.ask'), parts: [{ kind: 'text', text: t('form.ask.text'), isStrong: true }] },
      {
        title: t('form.reply'),
        parts: [
          entries(entry('replyTo', t('form.reply.to'))),
          {
            kind: 'ticks',
            label: t('form.reply.known'),
            ticks: [tick('reply', 'known', t('form.yes')), tick('reply', 'new', t('form.reply.new'))],
          },
        ],
      },
      {
        title: t('form.enclosed'),
        parts: [
          {
            kind: 'ticks',
            label: t('form.enclosed.label'),
            ticks: ENCLOSED.map((one) => tick('enclosed', one, t(`form.enclosed.${one}`))),
          },
        ],
      },
      {
        title: t('form.copies'),
        beginsPage: true,
        parts: [
          text('form.copies.text'),
          { kind: 'list', items: COPIES.map((one) => t(`form.copies.${one}`)) },
          prefill
            ? text('form.copies.write', { operator, reference: prefill.reference })
            : text('form.copies.write.blank', { operator }),
          {
            kind: 'pictures',
            pictures: PICTURES.map(([name, picture]) => ({
              label: t(`form.copies.${name}`),
              alt: t(`form.copies.${name}.alt`),
              picture,
            })),
          },
        ],
      },
      {
        title: t('form.declaration'),
        parts: [
          text('form.declaration.text', { operator }),
          entries(
            entry('signedAt', t('form.declaration.place')),
            entry('signedOn', t('form.declaration.date')),
          ),
          { kind: 'signature', name: 'signature', label: t('form.declaration.signature') },
        ],
      },
      ...(form.certification
        ? [
            {
              title: t('form.certified'),
              parts: [
                text('form.certified.text'),
                entries(
                  entry('certifiedBy', t('form.certified.by'), { share: 2 }),
                  entry('certifiedNumber', t('form.certified.number')),
                  entry('certifiedOn', t('form.declaration.date')),
                ),
                { kind: 'seal', label: t('form.certified.seal') } as const,
              ],
            },
          ]
        : []),
      {
        title: t('form.next'),
        parts: [
          {
            kind: 'list',
            items: [
              t('form.next.send', { to: form.sendTo }),
              t('form.next.told'),
              t('form.next.wait', { short: days(waits.short), long: days(waits.long) }),
              t('form.next.then'),
            ],
          },
        ],
      },
      {
        title: t('form.data'),
        parts: [text('form.data.text', { operator, count: form.keepDays })],
      },
    ],
    office: {
      title: t('form.office'),
      lines: [
        t('form.office.received'),
        t('form.office.checked'),
        t('form.office.second'),
        t('form.office.decision'),
      ],
    },
    foot: prefill ? t('form.foot', { app: appName, reference: prefill.reference }) : appName,
    page: (page, pages) => t('form.page', { page, pages }),
  };
}
