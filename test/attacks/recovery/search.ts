import type { UserId } from '../../../lib/account/account';
import type { EvidenceItem, EvidenceKind, Recovery } from '../../../lib/account/recovery';
import { changeRequest } from '../../../lib/recovery/change';
import {
  addEvidence,
  confirmContact,
  renewTicket,
  sendEvidenceCode,
  withdraw,
} from '../../../lib/recovery/requests';
import type { Step } from '../../../lib/recovery/step';
import { findTicket, sendTicketCode, useTicket } from '../../../lib/recovery/ticket';
import { DAY, HOUR } from '../../recovery/a-request';
import { ada, aWorld, type Moment, onFile, own, type Place, places, type World } from './world';

/** What somebody who attacks an account may have. Anybody has an address of their own. */
export const members = [
  'password',
  'mailbox',
  'phone',
  'browser',
  /** Somebody of the same customer account who lies. */
  'voucher',
  /** A reviewer who is talked into anything by a friendly voice. */
  'fooled reviewer',
  'insider',
  'administrator',
] as const;
export type Member = (typeof members)[number];
type Cast = ReadonlySet<Member>;

/** The operator's own, who are not to be trusted. */
export const corrupt = ['fooled reviewer', 'insider', 'administrator'] as const satisfies readonly Member[];
/** They see what is on the table, and believe what was proven; nothing else. */
const honest = ['first', 'second'] as const;

/** What happened, as somebody sees it who knows who is who; kept apart from what the product says of it. */
interface Story {
  /** What was truly shown, with the request that it was shown for. */
  readonly given: readonly EvidenceKind[];
  /** What somebody says who is not to be trusted. */
  readonly claimed: readonly EvidenceKind[];
  readonly isOnFile: boolean;
  readonly agreed: readonly string[];
  readonly approvedAt: number;
  /** Whether ada has heard of it. */
  readonly isTold: boolean;
  readonly begun: number;
  /** Days without anything. */
  readonly idle: number;
}

const blank: Story = {
  given: [],
  claimed: [],
  isOnFile: false,
  agreed: [],
  approvedAt: Infinity,
  isTold: false,
  begun: 0,
  idle: 0,
};

/** Access that somebody got, and how. */
export interface Access {
  readonly path: readonly string[];
  readonly story: Story;
  readonly at: number;
}

interface Act {
  readonly name: string;
  /** null: refused. */
  readonly play: () => Promise<Partial<Story> | 'access' | null>;
}

interface Node {
  readonly moment: Moment;
  readonly story: Story;
  readonly path: readonly string[];
}

const POINTS: Partial<Record<EvidenceKind, number>> = {
  password: 1,
  mail: 1,
  phone: 1,
  browser: 1,
  voucher: 1,
  invoice: 1,
  video: 3,
};

/**
 * Whether these may get in at all, if ada does not look for a week: what they can show is enough for two people who can't
 * be fooled, or two people who agree say so; and they have something else than a link.
 */
export function maySucceed(cast: Cast): boolean {
  const shown = (['password', 'mailbox', 'phone', 'browser', 'voucher'] as const).filter((one) =>
    cast.has(one),
  );
  const deciding = corrupt.filter((one) => cast.has(one));
  const hasSecond = cast.has('password') || cast.has('mailbox') || cast.has('phone');
  return hasSecond && (shown.length >= 3 || deciding.length >= 2);
}

/** Why this was not to be given; null: points, kinds, people and the wait were met. */
export function breachOf({ story, at }: Access): string | null {
  const kinds = [...new Set([...story.given, ...story.claimed])];
  const sum = kinds.reduce((all, kind) => all + (POINTS[kind] ?? 0), 0);
  if (sum < 3) return `${sum} points`;
  if (kinds.length < 2) return 'one kind';
  if (new Set(story.agreed).size < 2) return 'one person';
  if (at - story.approvedAt < (story.isOnFile ? 72 * HOUR : 7 * DAY)) return 'too soon';
  return story.isTold ? null : 'untold';
}

/** How they are played. */
export interface Search {
  /** ada stops what she is told of before any time goes by. */
  readonly isOwnerThere: boolean;
  /** How often they may begin. */
  readonly requests: number;
  /** Until the first of them is in. */
  readonly first?: boolean;
}

const MOST_STATES = 40_000;

/** All that these can do, in any order, until nothing is new. */
export async function search(
  cast: Cast,
  { isOwnerThere, requests, first = false }: Search,
): Promise<{ readonly accesses: readonly Access[]; readonly states: number }> {
  const world = await aWorld();
  const seen = new Set<string>();
  const accesses: Access[] = [];
  const queue: Node[] = [{ moment: world.save(), story: blank, path: [] }];
  for (const node of queue) {
    if (seen.size > MOST_STATES) throw new Error('these are too many states to play all of them');
    if (first && accesses.length > 0) break;
    world.restore(node.moment);
    for (const { name, play } of await actsOf(world, cast, node.story, isOwnerThere, requests)) {
      world.restore(node.moment);
      const done = await play();
      if (done === null) continue;
      const path = [...node.path, name];
      if (done === 'access') accesses.push({ path, story: node.story, at: world.scope.now() });
      const story = { ...node.story, ...(done !== 'access' && done) };
      const key = await keyOf(world, story);
      if (done === 'access' || seen.has(key)) continue;
      seen.add(key);
      queue.push({ moment: world.save(), story, path });
    }
  }
  return { accesses, states: seen.size };
}

const isOnFile = (place: Place): place is (typeof onFile)[number] => onFile.some((one) => one === place);

/** What comes there, they can read. */
const readBy = (cast: Cast): Place[] => [...own, ...onFile.filter((place) => cast.has(place))];

/** What differs between two moments, but for names and times that say nothing. */
async function keyOf(world: World, story: Story): Promise<string> {
  const { recoveries = [] } = await world.account();
  const now = world.scope.now();
  const since = (at: number | undefined) => (at === undefined ? null : Math.round((at - now) / HOUR));
  const open = await world.request();
  return JSON.stringify([
    { ...story, approvedAt: since(story.approvedAt) },
    recoveries.length,
    open && [
      open.state,
      open.route,
      open.evidence
        .map(({ kind, proven, verdict, vouchedBy }) => [kind, proven, verdict?.of, vouchedBy].join())
        .toSorted(),
      open.recommendedBy,
      open.contact.hint,
      since(open.startedAt),
      since(open.earliestAt),
      open.ticket && [open.ticket.made, open.ticket.tries, since(open.ticket.until)],
    ],
  ]);
}

async function actsOf(
  world: World,
  cast: Cast,
  story: Story,
  isOwnerThere: boolean,
  requests: number,
): Promise<Act[]> {
  const { scope } = world;
  const request = await world.request();
  const step = async (what: Step, then: Partial<Story> = {}): Promise<Partial<Story> | null> => {
    const done = await changeRequest(scope, ada, request?.id ?? '', what);
    return done.ok ? then : null;
  };
  /** Time goes by, in which ada finds what she was told of. */
  const wait = (ms: number, then: Partial<Story> = {}): Act => ({
    name: `${ms / HOUR} h later`,
    play: async () => {
      if (isOwnerThere && story.isTold && request) await step({ act: 'cancel', by: { as: 'owner' } });
      scope.clock.move(ms);
      await world.tick();
      return then;
    },
  });
  if (!request) {
    if (story.begun >= requests) return [];
    const askers = cast.has('password') ? [true, false] : [false];
    const begins = readBy(cast).flatMap((place) =>
      askers.map((knowsPassword) => ({
        name: `asks, to be answered at ${place}${knowsPassword ? ', with the password' : ''}`,
        play: async () => {
          const tokens = cast.has('browser') ? world.enrolled.tokens : [];
          const before = scope.told.length;
          const begun = await world.begin(place, {
            tokens,
            ...(knowsPassword && { login: await world.login() }),
          });
          if (!begun.ok || begun.userId !== ada) return null;
          const isTold = scope.told
            .slice(before)
            .some(({ name, userId }) => name === 'recovery.changed' && userId === ada);
          return {
            ...blank,
            given: knowsPassword ? (['password'] as const) : [],
            isOnFile: isOnFile(place),
            isTold,
            begun: story.begun + 1,
            idle: story.idle,
          };
        },
      })),
    );
    return [
      ...begins,
      ...(story.begun > 0 && story.idle < requests ? [wait(HOUR, { idle: story.idle + 1 })] : []),
    ];
  }
  const contact = (Object.keys(places) as Place[]).find(
    (place) => places[place].hint === request.contact.hint,
  );
  if (!contact) throw new Error('the contact is none of ours');
  return [
    ...(request.state === 'started' ? [confirms(world, contact, story)] : []),
    ...evidence(world, cast, story, request),
    ...people(cast, story, request, scope.now(), step),
    ...(request.state === 'ready' ? tickets(world, cast, contact) : []),
    ...(request.state === 'approved_waiting' ? [wait(nextOf(scope.now() - story.approvedAt))] : []),
    ...(['started', 'in_review', 'ready'].includes(request.state) && story.idle < requests
      ? [wait(DAY, { idle: story.idle + 1 })]
      : []),
    ...(story.begun < requests
      ? [
          {
            name: 'withdraws',
            play: async () => ((await withdraw(scope, await world.found())).ok ? {} : null),
          },
        ]
      : []),
  ];
}

/** To just before the end of a wait, and to its end: of the short one, then of the long one. */
const nextOf = (waited: number): number =>
  [71 * HOUR, 72 * HOUR, 167 * HOUR, 168 * HOUR].map((at) => at - waited).find((ms) => ms > 0) ?? DAY;

const kinds = { mailbox: 'mail', phone: 'phone' } as const;

const confirms = (world: World, contact: Place, story: Story): Act => ({
  name: 'types in the code for the contact',
  play: async () => {
    const done = await confirmContact(world.scope, await world.found(), world.codeAt(contact));
    if (!done.ok) return null;
    return { given: unique(story.given, ...(isOnFile(contact) ? [kinds[contact]] : [])) };
  },
});

const unique = <Of>(list: readonly Of[], ...more: readonly Of[]): Of[] =>
  [...new Set([...list, ...more])].toSorted((one, other) => (one < other ? -1 : 1));

const TAKING: readonly Recovery['state'][] = [
  'contact_confirmed',
  'awaiting_evidence',
  'in_review',
  'more_info',
];

function evidence(world: World, cast: Cast, story: Story, { evidence: items, state }: Recovery): Act[] {
  const { scope } = world;
  if (!TAKING.includes(state)) return [];
  const has = (kind: EvidenceKind): boolean => items.some((item) => item.kind === kind);
  const add = (given: Parameters<typeof addEvidence>[2], isTrue: boolean): Act => ({
    name: `gives ${given.kind}`,
    play: async () => {
      const done = await addEvidence(scope, await world.found(), given);
      return done.ok ? { given: unique(story.given, ...(isTrue ? [given.kind] : [])) } : null;
    },
  });
  const byCode = (kind: 'mail' | 'phone', place: 'mailbox' | 'phone'): Act => ({
    name: `gives ${kind}`,
    play: async () => {
      await sendEvidenceCode(scope, await world.found(), kind, { lang: 'en', dir: 'ltr' });
      const done = await addEvidence(scope, await world.found(), { kind, code: world.codeAt(place) });
      return done.ok ? { given: unique(story.given, kind) } : null;
    },
  });
  const named = items.find(({ kind, vouchedBy }) => kind === 'voucher' && !vouchedBy);
  const { tokens } = world.enrolled;
  const hasFriend = corrupt.some((one) => cast.has(one));
  return [
    ...(cast.has('mailbox') && !has('mail') ? [byCode('mail', 'mailbox')] : []),
    ...(cast.has('phone') && !has('phone') ? [byCode('phone', 'phone')] : []),
    ...(cast.has('browser') && !has('browser') ? [add({ kind: 'browser', tokens }, true)] : []),
    ...(cast.has('voucher') && !has('voucher') ? [add({ kind: 'voucher', user: 'peer' }, false)] : []),
    ...(cast.has('voucher') && named ? [vouches(world, story, named)] : []),
    // What nobody has a good word for is of no use.
    ...(hasFriend && !has('video') ? [add({ kind: 'video' }, false)] : []),
    ...(hasFriend && has('video') && !has('invoice')
      ? [add({ kind: 'invoice', facts: { number: '1' } }, false)]
      : []),
  ];
}

const vouches = (world: World, story: Story, named: EvidenceItem): Act => ({
  name: 'the peer vouches',
  play: async () => {
    const peer = 'peer' as UserId;
    const { request } = await world.found();
    const done = await changeRequest(world.scope, ada, request.id, {
      act: 'vouch',
      by: { as: 'voucher', id: peer },
      prepare: (one) => ({
        ...one,
        evidence: one.evidence.map(({ voucher: _, ...item }) =>
          item.id === named.id ? { ...item, proven: true as const, vouchedBy: peer } : item,
        ),
      }),
    });
    return done.ok ? { given: unique(story.given, 'voucher') } : null;
  },
});

function people(
  cast: Cast,
  story: Story,
  request: Recovery,
  now: number,
  step: (what: Step, then?: Partial<Story>) => Promise<Partial<Story> | null>,
): Act[] {
  if (request.state !== 'in_review') return [];
  const isEnough = new Set(story.given).size >= 3;
  // A third of them could do nothing else.
  const judging = corrupt.filter((one) => cast.has(one)).slice(0, 2);
  const deciding = [...judging, ...(isEnough ? honest : [])];
  const next = request.evidence.find(({ proven, verdict }) => !proven && !verdict);
  const as = (id: string) => ({ as: 'reviewer', id: id as UserId }) as const;
  return [
    ...(next
      ? judging.slice(0, 1).map((id) => ({
          name: `${id} says that ${next.kind} matches`,
          play: () =>
            step(
              {
                act: 'judge',
                by: as(id),
                prepare: (one, _account, at) => ({
                  ...one,
                  evidence: one.evidence.map((item) =>
                    item.id === next.id
                      ? { ...item, verdict: { of: 'match' as const, note: 'seen', by: id as UserId, at } }
                      : item,
                  ),
                }),
              },
              { claimed: unique(story.claimed, next.kind) },
            ),
        }))
      : []),
    ...deciding.map((id) => ({
      name: `${id} recommends`,
      play: () =>
        step(
          {
            act: 'recommend',
            by: as(id),
            prepare: (one: Recovery) => ({ ...one, recommendedBy: id as UserId }),
          },
          { agreed: [id] },
        ),
    })),
    ...deciding.map((id) => ({
      name: `${id} approves`,
      play: async () => {
        const done = await step({ act: 'approve', by: as(id) });
        return done && { agreed: unique(story.agreed, id), approvedAt: now };
      },
    })),
  ];
}

function tickets(world: World, cast: Cast, contact: Place): Act[] {
  const { scope } = world;
  // Whoever can't read what comes to the contact has no link.
  if (!readBy(cast).includes(contact)) return [];
  const use = (name: string, proof: () => Promise<Parameters<typeof useTicket>[3]>): Act => ({
    name,
    play: async () => {
      const { request } = await world.found();
      const ticketId = request.ticket?.id ?? '';
      const found = await findTicket(scope, { userId: ada, requestId: request.id, ticketId });
      if (!found) return null;
      await sendTicketCode(scope, found, ticketId, { lang: 'en', dir: 'ltr' });
      return (await useTicket(scope, found, ticketId, await proof(), 'login')).ok ? 'access' : null;
    },
  });
  const knowsPassword = cast.has('password');
  return [
    use('uses the link alone', async () => ({ password: null })),
    use('uses the link with a password', async () => ({ password: async () => knowsPassword })),
    ...readBy(cast).map((place) =>
      use(`uses the link with the code at ${place}`, async () => ({
        password: null,
        code: world.codeAt(place) || '000000',
      })),
    ),
    {
      name: 'asks for another link',
      play: async () => ((await renewTicket(scope, await world.found())).ok ? {} : null),
    },
  ];
}
