import type { OutboxItem } from '../../lib/account/account';
import type { Speech } from '../../lib/notices/notice-text';
import { createCatalogue } from '../../lib/pages/catalogue';
import { createDates } from '../../lib/pages/dates';
import { directionOf } from '../../lib/pages/locale';
import { rightToLeftTexts } from '../support/pseudo-locale';

/** How an app speaks that also speaks a language written right to left. */
export const speech: Speech = {
  texts: createCatalogue({ he: rightToLeftTexts }),
  appName: 'WebAdmin',
  moment: ({ lang, timeZone }, ms) => createDates(lang, timeZone)(ms, 'moment'),
  direction: directionOf,
  linkUrl: (leadsTo, _, id) => `https://admin.example.com/2fa/${leadsTo}/${id}`,
};

export const anItem = (given: Partial<OutboxItem> = {}): OutboxItem => ({
  id: 'BCDFGHJKMNPRSTVW',
  at: Date.UTC(2026, 10, 24, 12, 5),
  told: [{ name: 'factor.added', type: 'totp', label: 'My phone' }],
  from: { browser: { browser: 'Firefox', system: 'Windows' }, address: '203.0.113.7' },
  language: 'en',
  timeZone: 'Europe/Prague',
  to: [],
  tries: 1,
  dueAt: 0,
  ...given,
});
