import { codeIdOf } from '../crypto/digest';
import { refuse, type Refusal } from '../errors';
import { suggestName, type KeyName } from '../factors/key-name';
import { fromStored, type Ceremony } from '../factors/webauthn-challenge';
import { creationOptions, type CreationOptions } from '../factors/webauthn-options';
import { checkRegistration } from '../factors/webauthn-registration';
import type { WebauthnFailure } from '../factors/webauthn-result';
import type { Access } from './access';
import { challengeFor } from './ask-key';
import { type Confirmed, confirmSetup, readConfirmation } from './confirm-setup';
import { keyRefusal } from './judge-key';
import { countTryOfCode } from './login-tries';
import { refuseFull } from './offer';
import type { Scope } from './scope';
import { cancelSetup, openSetup } from './setup';

const type = 'webauthn';
const ceremony: Ceremony = 'enrol';

export interface KeyWanted {
  readonly ok: true;
  readonly options: CreationOptions;
}

/** What a browser needs to make a key; begins a set-up if there is none. */
export async function beginKey(scope: Scope, access: Access, userName: string): Promise<KeyWanted | Refusal> {
  const { login, account } = access;
  const { keys } = scope.settings;
  if (!keys) return refuse('not_found');
  const full = refuseFull(scope, account, type);
  if (full) return full;
  const opened = await openSetup(scope, access, type);
  if (!opened.ok) return opened;
  const { setup, proof } = opened;
  // Once proven, no other key can take its place; only the backup codes are missing.
  if (proof) return refuse('conflict');
  const challenge = await challengeFor(scope, login, account, ceremony, keys.userVerification);
  const user = { handle: setup.handle, name: userName };
  return { ok: true, options: creationOptions(account, user, challenge, keys, keys) };
}

/** The browser's answer, and the name to give; `nameOf` names a key without one. */
export interface KeyInput {
  readonly response: unknown;
  readonly label?: unknown;
  readonly nameOf: (name: KeyName) => string;
}

/** Adds the key. Wrong answers cost no sign-in tries; after ten the set-up starts over. */
export async function confirmKey(
  scope: Scope,
  access: Access,
  { response, label, nameOf }: KeyInput,
  tokens: readonly string[],
): Promise<Confirmed | Refusal> {
  const { keys, setupTries, setupLife } = scope.settings;
  if (!keys) return refuse('not_found');
  const read = await readConfirmation(scope, access, type, { label, defaultLabel: '' });
  if (!read.ok) return read;
  const { setup, isNamed } = read;
  const { login, account } = access;
  const { userId, loginId } = login;
  const { count, issued } = await countTryOfCode(
    scope.pending,
    setup.factorId,
    setupLife,
    codeIdOf(loginId, ceremony, type),
  );
  if (count > setupTries) return refuse('conflict');

  const asked = { userId, loginId, ceremony, live: fromStored(issued) };
  const checked = await checkRegistration(account, response, { ...keys, issued: asked, now: scope.now() });
  if (!checked.ok) {
    if (isNoTry(checked)) await scope.pending.tries.takeBack(setup.factorId, setupLife);
    else if (count >= setupTries) await cancelSetup(scope, login, type);
    return keyRefusal(checked, isNoTry(checked) ? {} : { triesLeft: setupTries - count });
  }
  const { key } = checked;
  const proof = {
    kind: type,
    usedUpTo: key.usedUpTo,
    label: isNamed ? read.label : nameOf(suggestName(key)),
    isNamed,
    at: scope.now(),
    key,
    thing: key.credentialId,
    hint: null,
  } as const;
  return confirmSetup(scope, access, { setup, proof }, tokens);
}

/** Malformed, too late, or a key that the site does not accept: none of these is a guess. */
const isNoTry = ({ problem }: WebauthnFailure): boolean => problem !== 'wrong';
