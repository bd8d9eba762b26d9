import type { Account, UserId } from '../account/account';
import {
  type EvidenceItem,
  type Recovery,
  type RequestState,
  rulesNow,
  type Verdict,
} from '../account/recovery';
import { isListed, requestsIn } from '../account/requests-among';
import type { Scope } from '../core/scope';
import { refuse, type Refusal } from '../errors';
import { changeRequest } from '../recovery/change';
import { counts } from '../recovery/points';
import { withReply } from '../recovery/replies';
import type { CheckCodes } from '../recovery/reference';
import type { Found } from '../recovery/requests';
import type { Step } from '../recovery/step';
import { type Act, type Circumstances, isTheirs, transition } from '../recovery/transitions';
import { type AdminAction, type Office, readReason, type Target } from './office';
import { type RequestView, viewOf } from './request-view';
import { readAsking, readRejection, type Said } from './saying';
import { PAGE } from './users';

/** What a reviewer does about a request, as it is called in its address. */
export const verbs = {
  assign: 'assign',
  'more-info': 'ask_more',
  hold: 'hold',
  reject: 'reject',
  recommend: 'recommend',
  approve: 'approve',
  cancel: 'cancel',
} as const satisfies { readonly [name: string]: Act };

export type RequestVerb = keyof typeof verbs;

export const isVerb = (name: string): name is RequestVerb => Object.hasOwn(verbs, name);

export interface RequestList {
  readonly ok: true;
  readonly requests: readonly RequestView[];
  readonly next: string | null;
}

/** Requests that somebody has to decide, what is due first before the rest; or all in one state. */
export async function listRequests(
  office: Office,
  { state, after }: { readonly state: string | null; readonly after: string | null },
): Promise<RequestList | Refusal> {
  if (!(await office.may('requests.read', null))) return refuse('forbidden');
  if (state !== null && !isState(state)) return refuse('malformed', { field: 'state' });
  const place = after === null ? undefined : placeOf(after);
  if (place === null) return refuse('malformed', { field: 'after' });
  const found: Account[] = [];
  for await (const account of requestsIn(office.scope.accounts, {
    state: state ?? undefined,
    after: place,
  })) {
    found.push(account);
    if (found.length > PAGE) break;
  }
  const page = found.slice(0, PAGE);
  const shown = await Promise.all(page.map((account) => inState(office, account, state)));
  const last = found.length > PAGE ? page.at(-1) : undefined;
  return {
    ok: true,
    requests: shown.filter((one) => one !== null),
    next: last ? `${last.openRequest?.dueAt ?? 0} ${last.userId}` : null,
  };
}

/** The request that was looked for. Of somebody whom the app has deleted there is nothing left to decide. */
async function inState(office: Office, account: Account, state: string | null): Promise<RequestView | null> {
  const wanted = ({ state: now }: Recovery): boolean => (state === null ? isListed(now) : now === state);
  const request = account.recoveries?.find(wanted);
  const user = await office.people.byId(account.userId);
  return request && user !== null ? viewOf(office, { account, request }, user) : null;
}

const states: Readonly<Record<RequestState, true>> = {
  started: true,
  contact_confirmed: true,
  awaiting_evidence: true,
  in_review: true,
  more_info: true,
  approved_waiting: true,
  ready: true,
  completed: true,
  cancelled_by_owner: true,
  withdrawn: true,
  superseded_by_signin: true,
  rejected: true,
  expired: true,
  on_hold: true,
};

export const allStates = Object.keys(states) as RequestState[];

const isState = (text: string): text is RequestState => Object.hasOwn(states, text);

/** What a page before has given as its `next`. */
function placeOf(after: string): { readonly dueAt: number; readonly userId: UserId } | null {
  const [, dueAt = '', userId = ''] = /^(\d{1,15}) (.+)$/s.exec(after) ?? [];
  return userId === '' ? null : { dueAt: Number(dueAt), userId: userId as UserId };
}

/** The request on a form that came in: the two codes on it have to belong together. */
export async function requestOnForm(
  office: Office,
  checkCodes: CheckCodes,
  { reference, check }: { readonly reference: string; readonly check: string },
): Promise<RequestList | Refusal> {
  if (!(await office.may('requests.read', null))) return refuse('forbidden');
  if (!checkCodes.isRight(reference, check)) return refuse('malformed', { field: 'check' });
  const found = await byReference(office.scope, reference.replace(/\s/g, '').toUpperCase());
  const user = found && (await office.people.byId(found.account.userId));
  return { ok: true, requests: found && user !== null ? [viewOf(office, found, user)] : [], next: null };
}

const LONGEST_REFERENCE = 20;

async function byReference(scope: Scope, reference: string): Promise<Found | null> {
  if (reference.length > LONGEST_REFERENCE) return null;
  for await (const account of requestsIn(scope.accounts, { reference })) {
    const request = account.recoveries?.find((one) => one.reference === reference);
    if (request) return { account, request };
  }
  return null;
}

export interface FoundRequest extends Found, Target {
  readonly ok: true;
}

/** A request, for whom this may be done to. That there is none is not for those to learn who may not do it anyway. */
export async function findRequestFor(
  office: Office,
  action: AdminAction,
  reference: string,
): Promise<FoundRequest | Refusal> {
  const found = await byReference(office.scope, reference);
  const id = found?.account.userId;
  const user = id === undefined ? null : await office.people.byId(id);
  const target = id === undefined || user === null ? null : { id, user };
  if (!(await office.may(action, target))) return refuse('forbidden');
  return found && target ? { ok: true, ...found, ...target } : refuse('not_found');
}

/** The same for a change, which nobody makes who has to do with it otherwise. */
export async function findToChange(
  office: Office,
  action: AdminAction,
  act: Act,
  reference: string,
): Promise<FoundRequest | Refusal> {
  const found = await findRequestFor(office, action, reference);
  if (!found.ok) return found;
  return isTheirs(found.request, act, office.by, found.id) ? refuse('forbidden') : found;
}

export interface Handled {
  readonly ok: true;
  readonly request: RequestView;
}

export interface Handling {
  readonly reason: unknown;
  /** The user's name again, to recommend and to approve. */
  readonly accountName?: unknown;
  /** What whoever asks is told, to ask for more and to turn down: the code of one of our sentences. */
  readonly because?: unknown;
}

/** Does something about a request, as far as the table lets this person. */
export async function handleRequest(
  office: Office,
  reference: string,
  verb: RequestVerb,
  { accountName, ...given }: Handling,
): Promise<Handled | Refusal> {
  const act = verbs[verb];
  const found = await findToChange(office, `requests.${verb}`, act, reference);
  if (!found.ok) return found;
  const stale = await office.refuseStale();
  if (stale) return stale;
  const said = readSaid(act, given);
  if (!said.ok) return said;
  const isNamed = act === 'recommend' || act === 'approve';
  if (isNamed && accountName !== office.people.nameOf(found.user))
    return refuse('malformed', { field: 'accountName' });
  return step(office, found, {
    act,
    reason: said.reason,
    prepare: (request) => ({
      ...(said.reply || act === 'reject' ? withReply(request, said.reply) : request),
      ...notedBy(act, office.by),
    }),
  });
}

function readSaid(act: Act, given: Omit<Handling, 'accountName'>): Said | Refusal {
  if (act === 'ask_more') return readAsking(given);
  if (act === 'reject') return readRejection(given);
  const why = readReason(given.reason);
  return why.ok ? { ...why, reply: null } : why;
}

function notedBy(act: Act, by: UserId): Partial<Recovery> {
  if (act === 'assign') return { assignedTo: by };
  if (act === 'recommend') return { recommendedBy: by };
  return act === 'approve' ? { approvedBy: by } : {};
}

export interface Judging {
  readonly verdict: unknown;
  readonly note: unknown;
}

/** Says whether a piece of evidence is right. What we checked ourselves is not for anybody to judge. */
export async function judgeEvidence(
  office: Office,
  reference: string,
  itemId: string,
  { verdict, note: given }: Judging,
): Promise<Handled | Refusal> {
  const found = await findToChange(office, 'requests.evidence', 'judge', reference);
  if (!found.ok) return found;
  const item = found.request.evidence.find(({ id }) => id === itemId);
  if (!item) return refuse('not_found');
  const stale = await office.refuseStale();
  if (stale) return stale;
  if (!isVerdict(verdict)) return refuse('malformed', { field: 'verdict' });
  const read = readReason(given, 'note', 1);
  if (!read.ok) return read;
  if (item.proven) return refuse('conflict', { state: found.request.state });
  return step(office, found, {
    act: 'judge',
    reason: `${item.kind}: ${verdict}. ${read.reason}`,
    prepare: (request, _account, at) =>
      withVerdict(request, itemId, { of: verdict, note: read.reason, by: office.by, at }),
  });
}

/** Who recommended it did so by what counted then: where that is taken back, they are asked anew. */
function withVerdict(
  request: Recovery,
  itemId: string,
  verdict: NonNullable<EvidenceItem['verdict']>,
): Recovery {
  const { recommendedBy, ...rest } = request;
  const evidence = request.evidence.map((one) => (one.id === itemId ? { ...one, verdict } : one));
  const isLess = evidence.filter(counts).length < request.evidence.filter(counts).length;
  return { ...rest, ...(recommendedBy !== undefined && !isLess && { recommendedBy }), evidence };
}

const verdicts = ['match', 'no_match', 'unclear'] as const satisfies readonly Verdict[];

const isVerdict = (given: unknown): given is Verdict => verdicts.some((one) => one === given);

async function step(
  office: Office,
  { id, user, request }: FoundRequest,
  what: Omit<Step, 'by' | 'twoPeople'>,
): Promise<Handled | Refusal> {
  const by = { as: 'reviewer', id: office.by } as const;
  const twoPeople = await needsTwo(office, user);
  const done = await changeRequest(office.scope, id, request.id, { ...what, by, twoPeople });
  return done.ok ? { ok: true, request: viewOf(office, done, user) } : done;
}

/** Two people agree where the operator wants it, and always on somebody of the operator's own. */
const needsTwo = async ({ scope, people }: Office, user: unknown): Promise<boolean> =>
  scope.settings.recovery?.twoPeople !== false || (await people.isStaff(user));

/** What this person could do about a request now; null: nothing stands in the way. */
export async function openVerbs(
  office: Office,
  { account, request, id, user }: FoundRequest,
): Promise<{ readonly [Name in RequestVerb | 'evidence']: Refusal | null }> {
  const { scope, by } = office;
  const { recovery } = scope.settings;
  const twoPeople = await needsTwo(office, user);
  const judged = async (action: AdminAction, act: Act): Promise<Refusal | null> => {
    if (!recovery || !(await office.may(action, { id, user }))) return refuse('forbidden');
    const now = scope.now();
    const owner = rulesNow(account.ownerRules, now);
    const of: Circumstances = { now, target: id, rules: recovery.evidence, owner, twoPeople };
    const done = transition(request, act, { as: 'reviewer', id: by }, of);
    return done.ok ? null : done;
  };
  const names = Object.keys(verbs) as RequestVerb[];
  const found = await Promise.all(
    names.map(async (verb) => [verb, await judged(`requests.${verb}`, verbs[verb])] as const),
  );
  return {
    ...(Object.fromEntries(found) as { [Name in RequestVerb]: Refusal | null }),
    evidence: await judged('requests.evidence', 'judge'),
  };
}
