import type { Sealed } from '../account/account';
import type { Login } from '../stores/contracts';
import type { Scope } from './scope';

// What a login keeps of a set-up, sealed and bound to its user. It knows no rule: who may, `setup.ts` decides.

/** Writes it unless something is there already. @returns what is there now */
export async function putEntry<Value extends object>(
  scope: Scope,
  { userId }: Login,
  id: string,
  value: Value,
): Promise<Value> {
  const sealed = scope.seal.close(Buffer.from(JSON.stringify(value)), contextOf(userId, id));
  const stored = await scope.pending.putSetup(id, sealed, scope.settings.setupLife);
  return stored === sealed ? value : (open(scope, userId, id, stored) as Value);
}

export async function getEntry<Value extends object>(
  scope: Scope,
  { userId }: Login,
  id: string,
): Promise<Value | null> {
  const stored = await scope.pending.getSetup(id);
  return stored === null ? null : (open(scope, userId, id, stored) as Value);
}

export const removeEntry = (scope: Scope, id: string): Promise<void> => scope.pending.removeSetup(id);

const open = (scope: Scope, user: string, id: string, stored: string): unknown =>
  JSON.parse(scope.seal.open(stored as Sealed, contextOf(user, id)).toString());

const contextOf = (user: string, factor: string) => ({ user, factor, purpose: 'setup' }) as const;
