import { isIP } from 'node:net';
import type { EventName, Happened, PlannedEvent, RequestContext } from '../events';
import type { ActivityEntry, ActivityName } from '../stores/activity';

/** What an event says about itself, which is all that is ever kept of it. */
type Said = Pick<ActivityEntry, 'result' | 'type' | 'label' | 'loginId'>;
type Event<Name extends EventName> = Extract<PlannedEvent, { name: Name }>;
type Rows = { readonly [Name in ActivityName]: (event: Event<Name>) => Said | null } & {
  readonly [Name in Exclude<EventName, ActivityName>]: null;
};

interface OfFactor {
  readonly type: Said['type'] & string;
  readonly label?: string;
}

const about = ({ type, label }: OfFactor) => ({ type, ...(label !== undefined && { label }) });
const ok = (event: OfFactor): Said => ({ result: 'ok', ...about(event) });
const refused = (event: OfFactor): Said => ({ result: 'refused', ...about(event) });

/** What becomes of each event; null: another event covers it, or its user need not know. */
const rows: Rows = {
  'login.owed': ({ loginId }) => ({ result: 'ok', loginId }),
  'login.waiting': (event) => ({ ...ok(event), loginId: event.loginId }),
  'login.blocked': (event) => ({ ...refused(event), loginId: event.loginId }),
  'login.completed': (event) => ({ ...ok(event), loginId: event.loginId }),
  'login.confirmed': (event) => ({ ...ok(event), loginId: event.loginId }),
  'proof.accepted': ok,
  'proof.refused': refused,
  'proof.replayed': refused,
  'tries.used-up': () => ({ result: 'refused' }),
  'key.suspicious': ({ accepted, label }) => {
    const event = { type: 'webauthn', ...(label !== undefined && { label }) } as const;
    return accepted ? ok(event) : refused(event);
  },
  'two-factor.enabled': () => ({ result: 'ok' }),
  'two-factor.disabled': () => ({ result: 'ok' }),
  'factor.added': ok,
  'factor.removed': ok,
  'factor.restored': ok,
  'factor.renamed': ok,
  'backup-codes.made': () => ok({ type: 'backup-code' }),
  'backup-code.used': null,
  'code.sent': ok,
  'code.failed': (event) => ({ result: 'failed', ...about(event) }),
  'sends.refused': refused,
  'sends.unused': null,
  // `logins.ended` covers all others, and someone who gave up a half login was never in.
  'login.ended': ({ loginId, why }) =>
    why === 'signed_out' || why === 'ended_by_user' || why === 'browser_copied'
      ? { result: 'ok', loginId }
      : null,
  'logins.ended': () => ({ result: 'ok' }),
  'browser.new': () => ({ result: 'ok' }),
  'browser.forgotten': () => ({ result: 'ok' }),
  'browser.remembered': () => ({ result: 'ok' }),
  'browser.copied': () => ({ result: 'refused' }),
  'login.exempt': ({ loginId }) => ({ result: 'ok', loginId }),
  'login.remembered': ({ loginId }) => ({ result: 'ok', loginId }),
  'change.objected': () => ({ result: 'ok' }),
  'changes.released': () => ({ result: 'ok' }),
  'contacts.changed': () => ({ result: 'ok' }),
  'contacts.failed': null,
  'notice.sent': null,
  'notice.failed': null,
  'notice.dropped': null,
  'recovery.changed': ({ state }) => ({ result: 'ok', label: state }),
  'recovery.reminded': () => ({ result: 'ok' }),
  'recovery.vouched': () => ({ result: 'ok' }),
  'recovery.rules-changed': () => ({ result: 'ok' }),
  'account.blocked': () => ({ result: 'ok' }),
  'staff.acted': ({ action }) => ({ result: 'ok', label: action }),
  'account.forgotten': null,
  'account.tampered': null,
  'activity.dropped': null,
};

/** The entry of an event, but for its id; null if it makes none. */
export function entryOf(
  event: PlannedEvent,
  { userId, at }: Happened,
  context: RequestContext | null,
): Omit<ActivityEntry, 'id'> | null {
  // With a request, `login.completed` or `login.confirmed` follows.
  if (event.name === 'proof.accepted' && context !== null) return null;
  const said = (rows[event.name] as ((event: PlannedEvent) => Said | null) | null)?.(event);
  if (!said) return null;
  return { userId, at, name: event.name as ActivityName, ...said, ...whereFrom(context) };
}

function whereFrom(
  context: RequestContext | null,
): Pick<ActivityEntry, 'browser' | 'address' | 'byApp' | 'requestId'> {
  if (context === null) return { browser: null, address: null, byApp: true };
  const { browser, address, requestId } = context;
  return {
    browser,
    address: readable(address),
    ...(requestId !== null && { requestId }),
  };
}

/** With a generous `trust proxy` it is any text that a client likes to send. */
function readable(address: string | null): string | null {
  // An IPv4 address, as a socket for both has it.
  const plain = address?.replace(/^::ffff:(?=\d+\.)/i, '') ?? '';
  return isIP(plain) === 0 ? null : plain;
}
