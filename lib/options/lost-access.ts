import type { LostAccess } from '../session/runtime';
import type { EvidenceKind } from '../account/recovery';
import type { RecoverySettings } from '../core/scope';
import type { EvidenceRules } from '../recovery/points';
import type { EvidenceStore } from '../stores/evidence';
import { bad, listOf, refuseUnknown, requireFunctions, requireGroup, textOf, unset } from './checks';
import type { EvidenceOptions, SecondFactorOptions } from './options';
import { cureOf } from './table';
import { take } from './take';

/** What each kind of evidence is worth by default: the harder for anybody else to come by, the more. */
export const POINTS: EvidenceRules['points'] = {
  password: 1,
  mail: 1,
  phone: 1,
  browser: 1,
  invoice: 1,
  voucher: 1,
  letter: 2,
  identity: 2,
  video: 3,
  certified: 3,
  esign: 3,
};

const KINDS = Object.keys(POINTS) as EvidenceKind[];

/**
 * How requests for access are decided; null: there are none.
 *
 * @param tells whether notices are sent, so that owners can stop a request
 */
export function resolveRequests(
  given: SecondFactorOptions<unknown>['lostAccess'],
  tells: boolean,
): RecoverySettings | null {
  if (given === undefined || given.requests === false) return null;
  if (given.requests === undefined && !tells) return null;
  if (!tells)
    throw bad(
      'lostAccess.requests needs someone who sends notices.',
      `${cureOf('email.send')} Or give false.`,
    );
  requireGroup('lostAccess.requests', given.requests);
  const { approvers, wait, longWait, points, needed, kinds, hold, liveCode } = given.requests ?? {};
  return {
    evidence: {
      points: pointsOf(points),
      needed: take('lostAccess.requests.needed', needed),
      kinds: take('lostAccess.requests.kinds', kinds),
    },
    waits: {
      short: take('lostAccess.requests.wait', wait),
      long: take('lostAccess.requests.longWait', longWait),
    },
    twoPeople: take('lostAccess.requests.approvers', approvers) === 'two',
    hold: take('lostAccess.requests.hold', hold),
    liveCode: take('lostAccess.requests.liveCode', liveCode) === 'two-people',
  };
}

function pointsOf(given: object = {}): EvidenceRules['points'] {
  refuseUnknown('lostAccess.requests.points.', given, KINDS);
  for (const [kind, points] of Object.entries(given) as [string, unknown][])
    if (!Number.isInteger(points) || Number(points) < 0 || Number(points) > MOST_POINTS)
      throw bad(
        `lostAccess.requests.points.${kind} is not a whole number from 0 to ${MOST_POINTS}.`,
        cureOf('lostAccess.requests.points'),
      );
  return { ...POINTS, ...given };
}
const MOST_POINTS = 12;

const MOST_LINES = 6;
const LONGEST_LINE = 100;
const LONGEST_TARGET = 200;

/** null: there is no page and no form. */
export function resolveLostAccess(given: SecondFactorOptions<unknown>['lostAccess']): LostAccess | null {
  requireGroup('lostAccess', given);
  if (given === undefined) return null;
  if (given.form === undefined) throw bad('lostAccess.form is undefined.', cureOf('lostAccess.form'));
  requireGroup('lostAccess.form', given.form);
  const { operator, sendTo, certification, customerNumber, birthDate, keepDays } = given.form;
  const days = take('lostAccess.form.keepDays', keepDays);
  return {
    form: {
      operator: linesOf(operator),
      sendTo: short('lostAccess.form.sendTo', textOf('lostAccess.form.sendTo', sendTo), LONGEST_TARGET),
      certification: take('lostAccess.form.certification', certification),
      customerNumber: take('lostAccess.form.customerNumber', customerNumber),
      birthDate: take('lostAccess.form.birthDate', birthDate),
      keepDays: days,
    },
    evidence: resolveEvidence(given.evidence, days),
  };
}

const storeMethods = ['put', 'get', 'remove', 'sweep'] as const satisfies readonly (keyof EvidenceStore)[];

function resolveEvidence(given: EvidenceOptions | undefined, formDays: number): LostAccess['evidence'] {
  requireGroup('lostAccess.evidence', given);
  if (given === undefined) return null;
  requireFunctions('lostAccess.evidence.store', given.store, storeMethods);
  const keepDays = take('lostAccess.evidence.keepDays', given.keepDays) ?? formDays;
  // The form promises the other one.
  if (keepDays > formDays)
    throw bad(
      `lostAccess.evidence.keepDays is ${keepDays}, and lostAccess.form.keepDays is ${formDays}.`,
      cureOf('lostAccess.evidence.keepDays'),
    );
  return {
    store: given.store,
    maxBytes: take('lostAccess.evidence.maxBytes', given.maxBytes),
    maxFiles: take('lostAccess.evidence.maxFiles', given.maxFiles),
    keepDays,
  };
}

function linesOf(given: unknown): readonly string[] {
  if (given === undefined) throw unset('lostAccess.form.operator');
  const lines = listOf('lostAccess.form.operator', given, 'line', (line) => line.trim() !== '');
  if (lines.length === 0 || lines.length > MOST_LINES)
    throw bad(`lostAccess.form.operator has ${lines.length} lines.`, cureOf('lostAccess.form.operator'));
  return lines.map((line) => short('lostAccess.form.operator', line, LONGEST_LINE));
}

/** It has to fit on the paper, in one piece. */
function short(
  option: 'lostAccess.form.operator' | 'lostAccess.form.sendTo',
  text: string,
  most: number,
): string {
  const plain = text.trim();
  if (plain !== '' && plain.length <= most && !/[\r\n]/.test(plain)) return plain;
  throw bad(`${option} is empty, too long, or has a line break.`, cureOf(option));
}
