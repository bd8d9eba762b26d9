import type { Account, WebauthnFactor } from '../../lib/account/account';
import { challengeIssuedAt } from '../../lib/account/factors';
import { useAssertion } from '../../lib/factors/use-assertion';
import { checkAssertion } from '../../lib/factors/webauthn-assertion';
import type { Expected } from '../../lib/factors/webauthn-ceremony';
import {
  issueChallenge,
  type Ceremony,
  type LiveChallenge,
  type UserVerification,
} from '../../lib/factors/webauthn-challenge';
import type { WebauthnPolicy } from '../../lib/factors/webauthn-policy';
import { checkRegistration } from '../../lib/factors/webauthn-registration';
import type { RelyingParty } from '../../lib/factors/webauthn-relying-party';
import { webauthnPolicy } from '../../lib/options/keys';
import { ada, anAccount, factorId, noon } from '../account/an-account';
import { site, type Lies, type SoftKey } from '../support/soft-key';

export const handle = Buffer.alloc(64, 7).toString('base64url');

export const party: RelyingParty = {
  id: site.rpId,
  name: 'WebAdmin',
  origins: [site.origin],
  topOrigins: [],
};

export const defaultPolicy = webauthnPolicy({});

/** The factor that a key is in the account. */
export const asFactor = (key: SoftKey, given: Partial<WebauthnFactor> = {}): WebauthnFactor => ({
  type: 'webauthn',
  id: factorId(`factor ${key.id}`),
  label: 'Key',
  createdAt: noon - 1000,
  lastUsedAt: null,
  usedUpTo: 0,
  credentialId: key.id,
  publicKey: key.publicKey,
  algorithm: -7,
  signCount: 0,
  backupEligible: false,
  backedUp: false,
  transports: ['usb'],
  aaguid: '00000000-0000-0000-0000-000000000000',
  rpId: site.rpId,
  userVerified: true,
  attested: false,
  ...given,
});

export const withKeys = (keys: readonly WebauthnFactor[]): Account => ({
  ...anAccount(),
  factors: keys,
  handle,
});

export interface Setting {
  readonly ceremony?: Ceremony;
  readonly loginId?: string;
  readonly userVerification?: UserVerification;
  readonly policy?: Partial<WebauthnPolicy>;
  readonly party?: Partial<RelyingParty>;
  /** When the challenge is issued and when the answer comes. */
  readonly at?: number;
  readonly answeredAt?: number;
  /** Others that this login was given. */
  readonly live?: readonly LiveChallenge[];
}

/** A challenge for this account, and what its answer is held to. */
export function ask(account: Account, setting: Setting = {}) {
  const { ceremony = 'sign_in', loginId = 'login', userVerification = 'preferred', at = noon } = setting;
  const context = { userId: account.userId, loginId, ceremony };
  const issuedAt = challengeIssuedAt(account, at);
  const { challenge, record } = issueChallenge(context, { issuedAt, userVerification }, at);
  const expected: Expected = {
    party: { ...party, ...setting.party },
    policy: { ...defaultPolicy, ...setting.policy },
    issued: { ...context, live: [record, ...(setting.live ?? [])] },
    now: setting.answeredAt ?? at,
  };
  return { challenge, record, expected };
}

/** What becomes of an answer to a request. */
export async function signIn(account: Account, key: SoftKey, lies: Lies = {}, setting: Setting = {}) {
  const { challenge, expected } = ask(account, setting);
  return judge(account, key.get(challenge, lies), expected);
}

export async function judge(account: Account, input: unknown, expected: Expected) {
  const check = await checkAssertion(account, input, expected);
  return check.ok ? useAssertion(account, check.assertion, expected.policy, expected.now) : check;
}

/** What becomes of an answer to a creation. */
export async function register(account: Account, key: SoftKey, lies: Lies = {}, setting: Setting = {}) {
  const { challenge, expected } = ask(account, { ceremony: 'enrol', ...setting });
  return checkRegistration(account, key.create(challenge, lies), expected);
}

/** The account after a right answer; anything else fails the test. */
export async function signedIn(account: Account, key: SoftKey, lies: Lies = {}, setting: Setting = {}) {
  const use = await signIn(account, key, lies, setting);
  if (!use.ok) throw new Error(`not right but ${JSON.stringify(use)}`);
  return use;
}

export const onlyKey = (account: Account): WebauthnFactor => {
  const [key] = account.factors;
  if (key?.type !== 'webauthn') throw new Error('there is no key');
  return key;
};

export { ada, noon };
