import type { LostAccess } from '../session/runtime';
import { bad, listOf, requireGroup, textOf, unset } from './checks';
import type { SecondFactorOptions } from './options';
import { cureOf } from './table';
import { take } from './take';

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
  return {
    form: {
      operator: linesOf(operator),
      sendTo: short('lostAccess.form.sendTo', textOf('lostAccess.form.sendTo', sendTo), LONGEST_TARGET),
      certification: take('lostAccess.form.certification', certification),
      customerNumber: take('lostAccess.form.customerNumber', customerNumber),
      birthDate: take('lostAccess.form.birthDate', birthDate),
      keepDays: take('lostAccess.form.keepDays', keepDays),
    },
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
