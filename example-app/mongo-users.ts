import { mongo, Schema, type Connection } from 'mongoose';
import { withDeadline } from './deadline';
import { usernameKey, type StoredUser, type Users } from './users';

type UserDocument = Omit<StoredUser, 'id'> & { readonly _id: string };

const userSchema = new Schema<UserDocument>(
  {
    _id: { type: String, required: true },
    username: { type: String, required: true, unique: true },
    email: { type: String, required: true },
    isAdmin: { type: Boolean, required: true },
    passwordHash: { type: String, required: true },
  },
  { collection: 'users', versionKey: false, autoIndex: false, autoCreate: false },
);

const DUPLICATE_KEY = 11_000;

export async function mongoUsers(connection: Connection): Promise<Users> {
  const model = connection.model('User', userSchema);
  await model.createIndexes();
  return {
    findById: async (id) => {
      const found = await inTime(() => model.findById(id, { passwordHash: 0 }).lean().exec());
      if (!found) return undefined;
      const { _id, username, email, isAdmin } = found;
      return { id: _id, username, email, isAdmin };
    },
    findByUsername: async (username) => {
      const found = await inTime(() =>
        model
          .findOne({ username: usernameKey(username) })
          .lean()
          .exec(),
      );
      if (!found) return undefined;
      const { _id, ...rest } = found;
      return { id: _id, ...rest };
    },
    add: ({ id, ...rest }) =>
      inTime(() => model.create({ _id: id, ...rest }).then(() => true, refusedAsDuplicate)),
    replacePassword: async (id, oldHash, newHash) => {
      const over = { _id: id, passwordHash: oldHash };
      const { modifiedCount } = await inTime(() => model.updateOne(over, { passwordHash: newHash }).exec());
      return modifiedCount === 1;
    },
  };
}

const inTime = <T>(call: () => Promise<T>): Promise<T> => withDeadline('MongoDB', call);

function refusedAsDuplicate(error: unknown): false {
  if (error instanceof mongo.MongoServerError && error.code === DUPLICATE_KEY) return false;
  throw error;
}
