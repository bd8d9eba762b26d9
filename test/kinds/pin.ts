import type { Account, Factor, ProofType, Sealed, UserId } from '../../lib/account/account';
import { markUsed } from '../../lib/account/factors';
import { confirmSetup } from '../../lib/core/confirm-setup';
import { type GuessCheck, readGuess } from '../../lib/core/judge-guess';
import type { JudgeInput } from '../../lib/core/scope';
import { countUsable } from '../../lib/core/offer';
import { openSetup } from '../../lib/core/setup';
import type { Seal } from '../../lib/crypto/seal';
import { refuse } from '../../lib/errors';
import { readDigits } from '../../lib/factors/code-text';
import { ordinary, type Row } from '../../lib/kinds/row';
import { answerConfirmed } from '../../lib/pages/enrol';
import { findSettingUp } from '../../lib/pages/fresh-login';
import { handler } from '../../lib/pages/page-context';
import { field } from '../../lib/session/body';
import { ProofStrategy } from '../../strategies/base';

// A number that its owner chose and keeps: the worked example of another kind of proof. It is added by this file and one
// line in the table. The library's own types name five kinds, so that the casts below are where a sixth one would be named.

const name = 'pin';
const type = name as ProofType as 'totp';

interface PinFactor extends Omit<Factor, 'type'> {
  readonly type: typeof name;
  readonly pin: Sealed;
}

const open = (seal: Seal, user: UserId, { id, pin }: PinFactor): string =>
  seal.open(pin, { user, factor: id, purpose: 'totp-secret' }).toString();

const pinsOf = (account: Account): PinFactor[] =>
  (account.factors as readonly (Factor | PinFactor)[]).filter((one): one is PinFactor => one.type === name);

function check({ account, now, scope }: JudgeInput, code: string): GuessCheck {
  const right = pinsOf(account).find((pin) => open(scope.seal, account.userId, pin) === code);
  if (!right) return refuse('wrong_code');
  const factor = right as unknown as Factor;
  return { ok: true, factorId: factor.id, account: markUsed(account, factor, 0, now) };
}

class PinStrategy extends ProofStrategy {
  readonly name = type;
}

export const pin = {
  isGuess: () => true,
  isIssued: false,
  isStrong: false,
  resistsPhishing: false,
  isOnPhone: false,
  hasOwnWords: false,
  amr: () => 'pin',
  isOn: () => true,
  countOf: (app, account) => countUsable(app, account, type),
  read: readGuess(check),
  factor: {
    ...ordinary,
    most: () => 1,
    mapSealed: (factor, user, map) => {
      const one = factor as unknown as PinFactor;
      const sealed = map(one.pin, { user, factor: one.id, purpose: 'totp-secret' });
      return { ...one, pin: sealed } as never;
    },
    draft: () => ({ kind: type }) as never,
    make: (account, { proof }, base, { seal }) => {
      const chosen = Buffer.from(proof.thing);
      const sealed = seal.close(chosen, { user: account.userId, factor: base.id, purpose: 'totp-secret' });
      return { ok: true, account, factor: { ...base, type, pin: sealed } as never };
    },
  },
  pages: {
    place: 5,
    field: 'code',
    asks: null,
    routes: (router, context) => {
      router.get(`/security/${name}`, (_req, res) => res.send('Choose six digits.'));
      router.post(
        `/security/${name}`,
        handler(context, async (req, res, scope) => {
          const found = await findSettingUp(context, req, res, scope);
          if (!found) return;
          const read = readDigits(field(req, 'code'), 6);
          if (!read.ok) return context.respond.refuse(req, res, read);
          const opened = await openSetup(scope, found.access, type);
          if (!opened.ok) return context.respond.refuse(req, res, opened);
          const shown = { thing: read.code, hint: null, isNamed: false, label: 'PIN' };
          const proof = { kind: type, usedUpTo: -1, at: scope.now(), ...shown };
          const proven = { setup: opened.setup, proof };
          const confirmed = await confirmSetup(
            scope,
            found.access,
            proven,
            context.runtime.browser.tokensOf(req),
          );
          if (!confirmed.ok) return context.respond.refuse(req, res, confirmed ?? refuse('conflict'));
          await answerConfirmed(context, req, res, found, confirmed);
        }),
      );
    },
    step: () => ({}),
  },
  Strategy: PinStrategy,
} satisfies Row<'totp'>;
