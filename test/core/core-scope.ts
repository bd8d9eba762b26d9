import type { Account, FactorId, Limits, UserId } from '../../lib/account/account';
import { Access } from '../../lib/core/access';
import { acknowledgeCodes } from '../../lib/core/acknowledge';
import { beginTotp, confirmTotp } from '../../lib/core/enrol-totp';
import type { Scope, Settings } from '../../lib/core/scope';
import { loadAccount } from '../../lib/core/status';
import { createBudgetIds, createCodeDigests } from '../../lib/crypto/digest';
import { createKeyRing } from '../../lib/crypto/key-ring';
import { hotp, stepAt } from '../../lib/crypto/otp';
import { createSeal } from '../../lib/crypto/seal';
import { createVisitorChallenges } from '../../lib/crypto/visitor-challenge';
import { createDelivery, type Delivery } from '../../lib/delivery/delivery';
import type { Refusal } from '../../lib/errors';
import { createEvents, type PlannedEvent } from '../../lib/events';
import { createCatalogue } from '../../lib/pages/catalogue';
import { resolveDelivery } from '../../lib/options/delivery';
import { resolveOptions } from '../../lib/options/resolve';
import { kinds } from '../../lib/kinds/table';
import { memoryAccounts } from '../../lib/stores/memory-accounts';
import { memoryPending } from '../../lib/stores/memory-pending';
import type { Accounts, Login, Pending, Proof } from '../../lib/stores/contracts';
import { fakeClock, type FakeClock } from '../support/clock';

export const ada = 'ada' as UserId;
export const key = '11'.repeat(32);

export interface ToldEvent {
  readonly name: PlannedEvent['name'];
  readonly userId: UserId;
  readonly rev?: string;
  readonly [detail: string]: unknown;
}

export interface CoreScope extends Scope {
  readonly clock: FakeClock;
  /** Everything that was told, in order. */
  readonly told: ToldEvent[];
}

/** The product's own numbers, with what a test wants changed. */
export function settingsWith(given: Partial<Settings> = {}, limits: Partial<Limits> = {}): Settings {
  const { settings } = resolveOptions({
    passport: {} as never,
    appName: 'Test App',
    origin: 'https://app.example',
    keys: [key],
    users: { id: () => 'ada', name: () => 'Ada' },
    accounts: memoryAccounts(),
    pending: memoryPending(),
  });
  return { ...settings, ...given, limits: { ...settings.limits, ...limits } };
}

/** What the core works with, on memory stores, with a clock that stands still and no waiting. */
export function coreScope(
  given: {
    clock?: FakeClock;
    accounts?: Accounts;
    pending?: Pending;
    keys?: readonly string[];
    settings?: Settings;
    delivery?: Delivery;
    verifyHash?: Scope['verifyHash'];
  } = {},
): CoreScope {
  const clock = given.clock ?? fakeClock();
  const told: ToldEvent[] = [];
  const ring = createKeyRing(given.keys ?? [key]);
  return {
    settings: given.settings ?? settingsWith(),
    kinds,
    accounts: given.accounts ?? memoryAccounts(),
    pending: given.pending ?? memoryPending({ now: clock.now }),
    seal: createSeal(ring),
    codeDigests: createCodeDigests(ring),
    visitorChallenges: createVisitorChallenges(ring),
    delivery:
      given.delivery ??
      createDelivery(
        resolveDelivery({}, 'Test App', 'app.example'),
        createCatalogue(),
        createBudgetIds(ring),
      ),
    request: null,
    documents: null,
    notices: {
      plan: async (change) => change,
      addressesOf: async () => [],
      sendLink: async () => null,
    },
    endLogins: () => undefined,
    verifyHash: given.verifyHash ?? null,
    events: { emit: (event, happened) => void told.push({ ...event, ...happened }) },
    now: clock.now,
    pause: async () => undefined,
    clock,
    told,
  };
}

let logins = 0;

/** A login that is complete and fresh, of an account of this epoch. */
export const aLogin = (scope: CoreScope, given: Partial<Login> = {}): Login => ({
  userId: ada,
  state: 'exempt',
  epoch: 0,
  loginId: `login-${(logins += 1)}`,
  proofs: [],
  types: [],
  since: scope.clock.now(),
  ...given,
});

/** What a login may change, as a page finds out: its account as it is now. */
export const accessOf = async (scope: Scope, login: Login): Promise<Access> =>
  Access.of(scope, login, await loadAccount(scope, login.userId));

/** A scope that tells real listeners. */
export function withListeners(scope: CoreScope): { scope: Scope; events: ReturnType<typeof createEvents> } {
  const events = createEvents();
  const emit: Scope['events']['emit'] = (event, happened) => events.emit(event, happened, null);
  return { scope: { ...scope, events: { emit } }, events };
}

/** What the authenticator app with this seed shows, so many steps from now. */
export const shownBy = (scope: CoreScope, secret: Buffer, steps = 0): string =>
  hotp(secret, stepAt(scope.clock.now()) + steps);

/** Digits that are no code of these seeds anywhere near now. */
export function wrongCode(scope: CoreScope, ...secrets: readonly Buffer[]): string {
  const near = Array.from({ length: 41 }, (_, position) => position - 20);
  const right = new Set(secrets.flatMap((secret) => near.map((steps) => shownBy(scope, secret, steps))));
  const free = Array.from({ length: 1000 }, (_, number) => String(number).padStart(6, '0'));
  return free.find((code) => !right.has(code)) ?? '';
}

export interface Enrolled {
  readonly login: Login;
  readonly secret: Buffer;
  readonly factorId: FactorId;
  readonly codes: readonly string[];
  /** What her browser keeps. */
  readonly tokens: readonly string[];
}

/** Switches two-factor on as a user does: an app, its code, and one of the backup codes. */
export async function enrol(scope: CoreScope): Promise<Enrolled> {
  const { epoch } = await loadAccount(scope, ada);
  const login = aLogin(scope, { epoch });
  const access = await accessOf(scope, login);
  const begun = okOf(await beginTotp(scope, access));
  const input = { code: shownBy(scope, begun.secret), defaultLabel: 'Phone' };
  const { factor, codes } = okOf(await confirmTotp(scope, access, input, []));
  const done = okOf(await acknowledgeCodes(scope, access, codes?.[0], []));
  return {
    login: passed(login, done.account, done.proof),
    secret: begun.secret,
    factorId: factor.id as FactorId,
    codes: codes ?? [],
    tokens: done.tokens ?? [],
  };
}

/** The record of a login after a proof or a change of factors, as the session's side writes it. */
export const passed = (login: Login, account: Account, proof: Proof | null): Login => ({
  ...login,
  state: 'passed',
  epoch: account.epoch,
  proofs: proof ? [...login.proofs, proof] : login.proofs,
  types: ['totp'],
});

/** A half login of an account as it is now. */
export const halfLogin = async (scope: CoreScope): Promise<Login> =>
  aLogin(scope, { state: 'owed', epoch: (await loadAccount(scope, ada)).epoch, types: ['totp'] });

export function okOf<Result extends { readonly ok: true }>(result: Result | Refusal): Result {
  if (result.ok) return result;
  throw new Error(`refused: ${result.code}`);
}

export const codeOf = (result: { readonly ok: true } | Refusal): string => (result.ok ? 'ok' : result.code);
