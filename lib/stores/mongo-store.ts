import type { Collection } from 'mongoose';
import { SecondFactorError } from '../errors';
import { type Index, makeIndexes } from './mongo-indexes';

/** A collection whose indexes are made before it is first used, and whose driver's errors get no further. */
export abstract class MongoStore<Stored extends object> {
  private ready: Promise<void> | null = null;

  constructor(
    protected readonly documents: Collection<Stored>,
    private readonly indexes: readonly Index[],
    private readonly down: () => SecondFactorError,
  ) {}

  prepare(): Promise<void> {
    this.ready ??= makeIndexes(this.documents, this.indexes).catch(() => {
      this.ready = null;
      throw this.down();
    });
    return this.ready;
  }

  protected async answered<T>(ask: () => Promise<T>): Promise<T> {
    await this.prepare();
    try {
      return await ask();
    } catch (error) {
      throw this.ours(error);
    }
  }

  /** Nothing of the driver's error gets out: it contains what was to be stored. */
  protected ours(error: unknown): SecondFactorError {
    return error instanceof SecondFactorError ? error : this.down();
  }
}
