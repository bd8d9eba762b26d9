import type { Collection, Connection } from 'mongoose';
import type { AuditRecord, ChainEnd, Pseudonym } from '../account/audit';
import { requireOptions } from '../options/checks';
import { take } from '../options/take';
import type { AuditChain, AuditStore } from './audit';
import { duplicateOf, READ, requireConnection, WRITE } from './mongo-connection';
import type { Index } from './mongo-indexes';
import { MongoStore } from './mongo-store';
import { auditDown } from './store-errors';

export interface MongoAuditOptions {
  /** The name of the collection; `second_factor_audit` by default. */
  readonly collection?: string;
}

export interface MongoAudit extends AuditStore {
  /** Creates the indexes. The first use does so too; calling it at start-up only shows problems earlier. */
  prepare(): Promise<void>;
}

/**
 * The audit in MongoDB, over the app's own Mongoose connection (8 or 9), one document per record.
 *
 * @example
 * mongoAudit(mongoose.connection)
 */
export function mongoAudit(connection: Connection, options: MongoAuditOptions = {}): MongoAudit {
  requireConnection('mongoAudit', connection);
  requireOptions('mongoAudit', options);
  const collection = take('mongoAudit.collection', options.collection);
  return new AuditInMongo(connection.collection<AuditDocument>(collection));
}

interface RecordDocument extends AuditRecord {
  /** Whose, which place and which hash: a second one like it is the same one. */
  readonly _id: string;
  readonly of: Pseudonym;
}

interface EndDocument extends ChainEnd {
  readonly _id: string;
}

type AuditDocument = RecordDocument | EndDocument;

const INDEXES: readonly Index[] = [
  { key: { of: 1, seq: 1 }, name: 'second_factor_audit_chain' },
  { key: { 'actor.pseudonym': 1 }, name: 'second_factor_audit_actor', sparse: true },
];

class AuditInMongo extends MongoStore<AuditDocument> implements MongoAudit {
  constructor(audit: Collection<AuditDocument>) {
    super(audit, INDEXES, auditDown);
  }

  async append(records: readonly AuditRecord[]): Promise<void> {
    await this.answered(() => Promise.all(records.map((record) => this.insert(record))));
  }

  async end(end: ChainEnd): Promise<void> {
    const _id = `${idOf(end.of, end)}:end`;
    await this.answered(() =>
      this.documents.replaceOne({ _id: { $eq: _id } }, end, { ...WRITE, upsert: true }),
    );
  }

  list(of: Pseudonym): Promise<AuditChain> {
    return this.answered(async () => {
      const found = await this.documents.find({ of: { $eq: of } }, { ...READ, sort: { seq: 1 } }).toArray();
      return { records: found.filter(isRecord).map(recordIn), ends: found.filter(isEnd).map(endIn) };
    });
  }

  async blank(of: Pseudonym): Promise<void> {
    await this.answered(async () => {
      await this.documents.updateMany({ of: { $eq: of } }, { $unset: { 'target.id': '' } }, WRITE);
      await this.documents.updateMany(
        { 'actor.pseudonym': { $eq: of } },
        { $unset: { 'actor.id': '' } },
        WRITE,
      );
    });
  }

  async *chains(): AsyncGenerator<Pseudonym, void, undefined> {
    await this.prepare();
    const all = this.documents.find({}, { ...READ, projection: { _id: 0, of: 1 }, sort: { of: 1, seq: 1 } });
    let last: Pseudonym | null = null;
    try {
      for await (const { of } of all) {
        // A document that somebody put there may have none, and is in no chain.
        if (typeof of === 'string' && of !== last) yield of;
        last = of;
      }
    } catch (error) {
      throw this.ours(error);
    }
  }

  /** The same one again changes nothing, whatever is stored in its place by now. */
  private async insert(record: AuditRecord): Promise<void> {
    const of = record.target.pseudonym;
    try {
      await this.documents.insertOne({ ...record, _id: idOf(of, record), of }, WRITE);
    } catch (error) {
      if (duplicateOf(error) !== '_id') throw error;
    }
  }
}

const idOf = (of: Pseudonym, { seq, hash }: Pick<AuditRecord, 'seq' | 'hash'>): string =>
  `${of}:${seq}:${hash}`;

const isEnd = (found: AuditDocument): found is EndDocument => 'mac' in found;
const isRecord = (found: AuditDocument): found is RecordDocument => !isEnd(found);
const recordIn = ({ _id, of, ...record }: RecordDocument): AuditRecord => record;
const endIn = ({ _id, ...end }: EndDocument): ChainEnd => end;
