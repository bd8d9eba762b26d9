import type { Request } from 'express';
import { Activity } from './activity/activity';
import { createAdminCalls } from './admin/calls';
import { createAudit } from './audit/office';
import type { Account } from './account/account';
import { owesFactor } from './account/factors';
import { toUserId } from './account/user-id';
import type { UserId } from './account/terms';
import { AuthenticAccounts } from './core/authentic-accounts';
import { forget } from './core/end-logins';
import { importFactor } from './core/import-factor';
import { countKeyUsage, resealAll } from './core/key-usage';
import { notePasswordReset } from './core/note-reset';
import type { Scope } from './core/scope';
import { loadAccount } from './core/status';
import { statusOf } from './core/status-of';
import { verify, type Verified } from './core/verify';
import { createAccountMacs } from './crypto/account-mac';
import { createChainEnds } from './crypto/chain-ends';
import { createBudgetIds, createCodeDigests, createFormTokens } from './crypto/digest';
import { createKeyRing } from './crypto/key-ring';
import { createLinks } from './crypto/links';
import { isShadowId } from './crypto/random';
import { createSeal } from './crypto/seal';
import { createVisitorChallenges } from './crypto/visitor-challenge';
import { createDelivery } from './delivery/delivery';
import type { Refusal } from './errors';
import { createEvents, type Happened, type PlannedEvent, type RequestContext } from './events';
import type { SecondFactor } from './api';
import {
  activityQuery,
  exceptionOf,
  idFor,
  requireAdminUsers,
  requireAuthorize,
  requireFactor,
  requireImportOptions,
  requireUser,
} from './options/calls';
import { bad, isObject, refuseUncalled } from './options/checks';
import type { BackupCodesOptions, SecondFactorOptions } from './options/options';
import { cureOf } from './options/table';
import { kinds as ourKinds, type KindTable } from './kinds/table';
import { createNotices } from './notices/notices';
import { tick } from './notices/tick';
import { createDocuments, documentsTask } from './recovery/documents';
import { requestsTask } from './recovery/due';
import { createCheckCodes } from './recovery/reference';
import { peopleOf } from './pages/admin/desk';
import { createAdminRouter } from './pages/admin/router';
import { directionOf } from './pages/locale';
import { createPasskeySignIn } from './pages/passkey';
import { createRenderer } from './pages/render';
import { createResponder } from './pages/respond';
import { createPages, mounted } from './pages/router';
import { resolveGate } from './options/gate';
import { resolveOptions } from './options/resolve';
import { resolveRequirement } from './options/requirement';
import { resolveTick } from './options/tick';
import { gate } from './session/gate';
import type { RequestScope, Runtime } from './session/runtime';
import { inTurn } from './session/express';
import { logInThrough } from './session/login';
import { markOf, takeSeam } from './session/passport-seam';
import type { PassportLike } from './session/seam';
import { createProving } from './session/prove';
import { ReadAhead } from './session/read-ahead';
import { publicOf } from './session/request-state';
import { signOutEverywhere } from './session/renew';
import { requireProof } from './session/require-proof';
import { namedContacts, resetChannel, timeZoneOf } from './session/app-functions';
import { loginStateOf } from './session/login-state';
import { SeenAccounts } from './session/seen-accounts';
import { sessionStep } from './session/step';
import { createOutageWarning } from './session/outage-warning';
import { createThisBrowser } from './session/this-browser';
import { guardSessions } from './session/store-guard';
import { coverStrategies } from './session/cover';
import { createWayOut } from './session/way-out';
import { within } from './stores/deadline';
import { TimeLeft } from './stores/time-left';

/** Puts the parts together: turns the options into the object that the app works with. */
export function compose<User>(
  given: SecondFactorOptions<User>,
  kinds: KindTable = ourKinds,
): SecondFactor<User> {
  const { options, settings, delivery: sending, webhooks, deadline } = resolveOptions(given);
  const now = given.now?.bind(given) ?? Date.now;
  const ring = createKeyRing(given.keys);
  const seal = createSeal(ring);
  const macs = createAccountMacs(ring);
  const ends = createChainEnds(ring);
  const events = createEvents();
  const activity = given.activity
    ? new Activity({
        store: given.activity,
        now,
        deadline,
        tell: (event, happened) => events.emit(event, happened, null),
      })
    : null;
  /** The one place that every event passes. */
  const emit = (
    event: PlannedEvent,
    happened: Happened,
    request: RequestContext | null,
    /** As its user may see it. */
    shown = request,
  ) => {
    // Nobody's account: there is nothing to tell anybody.
    if (isShadowId(happened.userId)) return;
    events.emit(event, happened, request);
    activity?.note(event, happened, shown);
  };
  // Nothing below reaches the store except through this.
  const accounts = new AuthenticAccounts(given.accounts, macs, (userId, reason) =>
    emit({ name: 'account.tampered', reason }, { userId, at: now() }, null),
  );
  const renderer = createRenderer({ ...given, appName: options.appName, css: options.brand.css });
  const codeDigests = createCodeDigests(ring);
  const visitorChallenges = createVisitorChallenges(ring);
  const delivery = createDelivery(sending, renderer.messages, createBudgetIds(ring));
  const site = {
    options,
    settings,
    kinds,
    formTokens: createFormTokens(ring),
    logins: new Set<string>(),
    signOuts: new Set<string>(),
    now,
  };
  const respond = createResponder(site, renderer);
  const stores = () => within(accounts, given.pending, { ms: deadline });
  const verifyHash = hashCheck(given.backupCodes?.verify.bind(given.backupCodes));
  const readAhead = new ReadAhead(given.pending, now);
  const endLogins = () => readAhead.outdate();
  const evidence = options.lostAccess?.evidence ?? null;
  const documents = evidence && createDocuments(evidence);
  const sweep = documentsTask(evidence, now);
  const newScope: Runtime['newScope'] = (of) => {
    const request = of?.context ?? null;
    const { accounts: all, pending, inTime, storeInTime } = stores();
    const ofRequest = of ? new SeenAccounts(all) : null;
    const telling = (byStaff: boolean): Pick<Scope, 'events' | 'notices'> => ({
      events: { emit: (event, happened) => emit(event, happened, request, byStaff ? null : request) },
      notices: audit.beside(
        notices.of({
          from: request,
          byStaff,
          language: () => (of ? renderer.languageOf(of.req) : null),
          timeZone: () => (of ? timeZoneOf(site, of.req as Request) : null),
          named: (userId) => namedContacts(runtime, of?.req as Request | undefined, userId),
        }),
      ),
    });
    const byItself = telling(false);
    // Named one by one: spreading them would take longer than all that is done with most scopes.
    const scope: RequestScope = {
      settings,
      kinds,
      accounts: ofRequest ?? all,
      seen: (userId) => ofRequest?.seen(userId) ?? null,
      pending,
      seal,
      codeDigests,
      visitorChallenges,
      delivery,
      events: byItself.events,
      notices: byItself.notices,
      verifyHash,
      endLogins,
      documents,
      request,
      now,
      pause,
      inTime,
      storeInTime,
      byStaff: () => ({ ...scope, ...telling(true) }),
    };
    return scope;
  };
  const links = createLinks(seal);
  const pagesUrl = `${options.origin.href.replace(/\/$/, '')}${options.path}`;
  const notices = createNotices({
    seal,
    delivery,
    speech: {
      texts: renderer.messages,
      appName: options.appName,
      moment: (where, ms) => renderer.moment(where, ms),
      direction: directionOf,
      linkUrl: (leadsTo, userId, id) =>
        `${pagesUrl}${LINK_PATHS[leadsTo]}/${links.make(leadsTo, { userId, id })}`,
    },
    asksApp: options.users.contacts !== undefined,
    webhooks,
    untold: settings.newBrowser === 'off' ? ['browser.new'] : [],
    now,
    newScope: () => newScope(),
  });
  const audit = createAudit({
    store: given.audit ?? null,
    accounts,
    ends,
    ring,
    now,
    deadline,
    newScope: () => newScope(),
  });

  const passports: readonly PassportLike[] = Array.isArray(given.passport)
    ? given.passport
    : [given.passport];
  const seams: Runtime['seams'][number][] = [];
  const runtime: Runtime = {
    ...site,
    seams,
    mark: markOf(passports[0]),
    pending: () => stores().pending,
    readAhead,
    browser: createThisBrowser(options.origin),
    warnOfOutage: createOutageWarning(now),
    newScope,
    refuse: respond.refuse,
  };
  const proving = createProving(runtime);
  for (const [index, passport] of passports.entries()) {
    const seam = takeSeam(passport, index, runtime, logInThrough(runtime), (req) =>
      guardSessions(runtime, req),
    );
    seams.push(seam);
    coverStrategies(runtime, seam);
    for (const { Strategy } of Object.values(kinds)) {
      const strategy = new Strategy(proving.verifyRequest);
      seam.use(strategy.name, strategy);
    }
  }
  const wayOut = createWayOut(runtime);
  const checkCodes = createCheckCodes(ring);
  const context = { runtime, kinds, renderer, respond, proving, wayOut, links, checkCodes, activity };
  const router = createPages(context);

  const recordsOf = (id: UserId) => audit.list(id);
  const people = peopleOf(runtime);

  const keyIds = { ring, seal, macs, kinds, ends };
  const twoFactor: SecondFactor<User> = {
    protect: (gateOptions) => [
      inTurn(twoFactor.sessionStep(), twoFactor.pages(), twoFactor.gate(gateOptions)),
    ],
    sessionStep: () => sessionStep(runtime),
    pages: () => mounted(context, router),
    gate: (gateOptions) => gate(runtime, wayOut, resolveGate(gateOptions)),
    requireProof: (requirement) => requireProof(runtime, resolveRequirement(kinds, requirement)),
    passkeySignIn: (...uncalled: readonly unknown[]) => {
      refuseUncalled('passkeySignIn', uncalled[0], 'passkeySignIn()');
      return createPasskeySignIn(context);
    },
    adminRouter: (adminOptions) => {
      requireAdminUsers('adminRouter()', options.users);
      requireAuthorize(adminOptions);
      const keepsRecords = given.audit !== undefined;
      return createAdminRouter({ pages: context, options: adminOptions, recordsOf, keepsRecords });
    },
    admin: createAdminCalls({
      idOf: idFor,
      recordsOf,
      officeOf: (by) => {
        requireAdminUsers('twoFactor.admin', options.users);
        return {
          scope: newScope(),
          people,
          by,
          may: async () => true,
          refuseStale: async () => null,
          newScope: () => newScope(),
        };
      },
    }),
    authenticate: proving.authenticate,
    finishLogin: proving.finishLogin,
    signOutEverywhere: async (userId, besides) => {
      const { except } = exceptionOf(besides);
      await signOutEverywhere(runtime, idFor('signOutEverywhere', userId), except);
    },
    notePasswordReset: async (userId, channel) => {
      await notePasswordReset(newScope(), idFor('notePasswordReset', userId), resetChannel(channel));
    },
    forget: async (userId) => {
      const id = idFor('forget', userId);
      await audit.forget(id);
      // One that can't be read is forgotten too; its documents are swept.
      const account = documents ? await accounts.load(id).catch(() => null) : null;
      await forget(newScope(), id);
      await documents?.drop(filesOf(account));
      await activity?.remove(id);
    },
    activityOf: async (userId, query) => {
      if (!activity) throw bad('activityOf() needs the option activity.', cureOf('activity'));
      const id = idFor('activityOf', userId);
      const wanted = activityQuery(kinds, query);
      return newScope().storeInTime('activity', () => activity.list(id, wanted));
    },
    statusOf: async (userId) => statusOf(newScope(), idFor('statusOf', userId)),
    statusFrom: async (req) => publicOf(kinds, await loginStateOf(runtime, newScope(), req as Request)),
    isOwedBy: async (user) => {
      requireUser('isOwedBy', user);
      return owesFactor(await loadAccount(newScope(), toUserId(options.users.id(user))));
    },
    verify: async (userId, type, input) => {
      const prover = { userId: idFor('verify', userId), login: null, tokens: [] };
      // Often a request's body, which may be missing.
      const proof = isObject(input) ? input : {};
      const verified: Verified | Refusal = await verify(newScope(), prover, type, proof);
      return verified.ok ? { ok: true } : verified;
    },
    importFactor: async (userId, factor, besides) => {
      requireFactor(factor);
      requireImportOptions(besides);
      return importFactor(newScope(), idFor('importFactor', userId), factor, besides);
    },
    keys: {
      usage: () => countKeyUsage(accounts, audit.allEnds(), keyIds),
      reseal: async () => (await resealAll(newScope, accounts, keyIds)) + (await audit.reseal()),
    },
    on: (name, listener) => events.on(name, listener),
    off: (name, listener) => events.off(name, listener),
    tick: async (asked) => {
      const { limit, deadline: longest, finish } = resolveTick(asked);
      const end = performance.now() + longest;
      const bounds = { limit, finish, isOver: () => performance.now() >= end };
      const { outbox, ...others } = await tick(
        {
          requests: requestsTask(() => newScope()),
          outbox: notices.task,
          audit: audit.task,
          documents: sweep,
        },
        bounds,
      );
      return { ...outbox, ...others };
    },
    close: async () => {
      await notices.close();
      await audit.close();
      await activity?.close();
      await given.pending.close();
    },
  };
  return twoFactor;
}

const filesOf = (account: Account | null): string[] =>
  (account?.recoveries ?? []).flatMap(({ evidence }) => evidence.flatMap(({ file }) => file?.id ?? []));

/** How long one hash may take, ms. */
const HASH_TIME = 5000;

const hashCheck = (ask: BackupCodesOptions['verify'] | undefined): Scope['verifyHash'] =>
  ask
    ? (hash, code) =>
        new TimeLeft(HASH_TIME, () => performance.now()).forApp('backupCodes.verify', async () => {
          const answer: unknown = await ask(hash, code);
          return answer === true;
        })
    : null;

/** Where the links lead that need no login, below our pages. */
const LINK_PATHS = {
  object: '/object',
  status: '/lost/requests',
  cancel: '/lost/cancel',
  ticket: '/lost/ticket',
} as const;

const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));
