import { Schema, type Connection } from 'mongoose';
import { withDeadline } from './deadline';
import { OUTBOX_LIMIT, type Outbox, type OutboxMessage } from './outbox';

const messageSchema = new Schema<OutboxMessage>(
  {
    // Kept for a day: nobody reads an older code, and a demo should not collect addresses.
    at: { type: Date, required: true, expires: '1d' },
    channel: { type: String, enum: ['sms', 'email'], required: true },
    to: { type: String, required: true },
    subject: { type: String },
    text: { type: String, required: true },
  },
  { collection: 'demo_outbox', versionKey: false, autoIndex: false, autoCreate: false },
);

export async function mongoOutbox(connection: Connection): Promise<Outbox> {
  const model = connection.model('OutboxMessage', messageSchema);
  await model.createIndexes();
  return {
    add: async (message) => {
      await inTime(() => model.create(message));
    },
    list: () =>
      inTime(() => model.find({}, { _id: 0 }).sort({ at: -1, _id: -1 }).limit(OUTBOX_LIMIT).lean().exec()),
  };
}

const inTime = <T>(call: () => Promise<T>): Promise<T> => withDeadline('MongoDB', call);
