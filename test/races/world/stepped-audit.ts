import { memoryAudit } from '../../../lib';
import type { AuditRecord, ChainEnd, Pseudonym } from '../../../lib/account/audit';
import type { AuditChain, AuditStore } from '../../../lib/stores/audit';
import type { Stage } from '../explorer/stage';
import type { Recorder } from './recorder';

/** The memory store of the audit, every call a step. */
export class SteppedAudit implements AuditStore {
  private inner = memoryAudit();

  constructor(
    private readonly stage: Stage,
    private readonly recorder: Recorder,
  ) {}

  clear(): void {
    this.inner = memoryAudit();
  }

  get text(): string {
    return this.recorder.textOf('audit', () => this.inner);
  }

  append(records: readonly AuditRecord[]): Promise<void> {
    return this.write('append', () => this.inner.append(records));
  }

  end(end: ChainEnd): Promise<void> {
    return this.write('end', () => this.inner.end(end));
  }

  blank(of: Pseudonym): Promise<void> {
    return this.write('blank', () => this.inner.blank(of));
  }

  list(of: Pseudonym): Promise<AuditChain> {
    return this.stage.call({ name: 'audit.list', touches: [['audit', 'read']] }, () => this.inner.list(of));
  }

  chains(): AsyncIterable<Pseudonym> {
    return this.inner.chains();
  }

  private write(name: string, again: () => Promise<void>): Promise<void> {
    return this.stage.call({ name: `audit.${name}`, touches: [['audit', 'write']] }, () =>
      this.recorder.write('audit', name, again),
    );
  }
}
