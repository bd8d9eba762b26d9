import type { Sealed } from '../account/account';
import { randomVisitorName } from '../crypto/random';
import type { Seal } from '../crypto/seal';

/** A browser in which nobody is known yet, as its own cookie says: nothing of it is stored here. */
export interface Visitor {
  readonly name: string;
  /** What it is asked counts as asked after this, whatever our clock says. ms */
  readonly after: number;
}

export const newVisitor = (after = 0): Visitor => ({ name: randomVisitorName(), after });

export const sealVisitor = (seal: Seal, visitor: Visitor): string =>
  seal.close(Buffer.from(JSON.stringify(visitor)), context);

/** The visitor of this cookie; null if we did not make it, or the key that sealed it has gone. */
export function openVisitor(seal: Seal, text: string | null): Visitor | null {
  if (text === null) return null;
  try {
    return JSON.parse(seal.open(text as Sealed, context).toString()) as Visitor;
  } catch {
    return null;
  }
}

const context = { user: '', factor: '', purpose: 'visitor' } as const;
