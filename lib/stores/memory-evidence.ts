import { requireAcceptedLoss, type AcceptLoss } from './accept-loss';
import type { EvidenceDocument, EvidenceStore } from './evidence';

/**
 * Documents in the memory of this process, for development and tests.
 *
 * @throws SecondFactorError `bad_option` where NODE_ENV is `production`, unless `acceptLoss` is true
 */
export function memoryEvidence(options: AcceptLoss = {}): EvidenceStore {
  requireAcceptedLoss('memoryEvidence', options, 'a store of your own (docs/lost-access.md)');
  return new MemoryEvidence();
}

class MemoryEvidence implements EvidenceStore {
  private readonly byId = new Map<string, EvidenceDocument>();

  async put(document: EvidenceDocument): Promise<void> {
    this.byId.set(document.id, copyOf(document));
  }

  async get(id: string): Promise<EvidenceDocument | null> {
    const found = this.byId.get(id);
    return found ? copyOf(found) : null;
  }

  async remove(id: string): Promise<void> {
    this.byId.delete(id);
  }

  async sweep(before: number): Promise<number> {
    const old = [...this.byId.values()].filter(({ at }) => at < before);
    for (const { id } of old) this.byId.delete(id);
    return old.length;
  }
}

const copyOf = (document: EvidenceDocument): EvidenceDocument => ({
  ...document,
  bytes: Buffer.from(document.bytes),
});
