import { Schema, type Connection } from 'mongoose';
import { withDeadline } from './deadline';
import type { AheadStore } from './demo-clock';
import { refusedAsDuplicate } from './duplicate-key';

interface ClockDocument {
  readonly _id: string;
  readonly ahead: number;
}

const clockSchema = new Schema<ClockDocument>(
  { _id: { type: String, required: true }, ahead: { type: Number, required: true } },
  { collection: 'demo_clock', versionKey: false, autoIndex: false, autoCreate: false },
);

const ID = 'clock';

/** Beside the accounts: if it was lost before them, what they hold would be in the future. */
export async function mongoAhead(connection: Connection): Promise<AheadStore> {
  const model = connection.model('DemoClock', clockSchema);
  // Before anybody adds to it: of two who make it only one is heard.
  await inTime(() => model.create({ _id: ID, ahead: 0 }).then(() => true, refusedAsDuplicate));
  return {
    read: async () => {
      const found = await inTime(() => model.findById(ID).lean().exec());
      return found?.ahead ?? 0;
    },
    add: async (ms) => {
      const more = { $inc: { ahead: ms } };
      const changed = await inTime(() =>
        model.findByIdAndUpdate(ID, more, { upsert: true, returnDocument: 'after' }).lean().exec(),
      );
      return changed.ahead;
    },
  };
}

const inTime = <T>(call: () => Promise<T>): Promise<T> => withDeadline('MongoDB', call);
