import { Schema, type Connection } from 'mongoose';
import { withDeadline } from './deadline';
import { refusedAsDuplicate } from './duplicate-key';
import { type Role, identifierKey, MOST_PEERS, onlyOne, toUser, type User, type Users } from './users';

interface UserDocument {
  readonly _id: string;
  readonly username: string;
  readonly email: string;
  readonly phone?: string | null;
  readonly role?: Role;
  readonly customer?: string | null;
  readonly passwordHash: string;
}

const userSchema = new Schema<UserDocument>(
  {
    _id: { type: String, required: true },
    username: { type: String, required: true, unique: true },
    email: { type: String, required: true, index: true },
    phone: { type: String },
    role: { type: String, enum: ['admin', 'reviewer', 'auditor', 'customer'] },
    customer: { type: String, index: true },
    passwordHash: { type: String, required: true },
  },
  { collection: 'users', versionKey: false, autoIndex: false, autoCreate: false },
);

const WITHOUT_HASH = { passwordHash: 0 } as const;
const BY_NAME = { username: 1 } as const;

export async function mongoUsers(connection: Connection): Promise<Users> {
  const model = connection.model('User', userSchema);
  await model.createIndexes();
  return {
    findById: async (id) => {
      const found = await inTime(() => model.findById(id, WITHOUT_HASH).lean().exec());
      return found ? fromDocument(found) : undefined;
    },
    findByUsername: async (username) => {
      const named = { username: identifierKey(username) };
      const found = await inTime(() => model.findOne(named).lean().exec());
      return found ? { ...fromDocument(found), passwordHash: found.passwordHash } : undefined;
    },
    findByIdentifier: async (text) => {
      const key = identifierKey(text);
      // Both whatever the first finds: the answer must not come sooner for a name.
      const [named, reached] = await inTime(() =>
        Promise.all([
          model.findOne({ username: key }, WITHOUT_HASH).lean().exec(),
          model.find({ email: key }, WITHOUT_HASH).limit(2).lean().exec(),
        ]),
      );
      const found = named ?? onlyOne(reached);
      return found ? fromDocument(found) : undefined;
    },
    search: async (text, { after = '', limit }) => {
      const part = containing(text);
      if (part === undefined) return [];
      const wanted = { username: { $gt: after }, $or: [{ username: part }, { email: part }] };
      const found = await inTime(() =>
        model.find(wanted, WITHOUT_HASH, { sort: BY_NAME, limit }).lean().exec(),
      );
      return found.map(fromDocument);
    },
    peersOf: async ({ id, customer }) => {
      if (customer === null) return [];
      const others = { customer, _id: { $ne: id } };
      const found = await inTime(() =>
        model.find(others, WITHOUT_HASH, { sort: BY_NAME, limit: MOST_PEERS }).lean().exec(),
      );
      return found.map(fromDocument);
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

/** A document without a role was stored before there were any. */
const fromDocument = ({
  _id,
  username,
  email,
  phone = null,
  role = 'customer',
  customer = null,
}: Omit<UserDocument, 'passwordHash'>): User => toUser({ id: _id, username, email, phone, role, customer });

/** RFC 5321 §4.5.3.1.3: no address is longer. */
const LONGEST = 254;

/** The text itself: nothing in it is a pattern. MongoDB takes none that is very long, or has a zero character in it. */
function containing(text: string): RegExp | undefined {
  if (text.length > LONGEST || text.includes('\0')) return undefined;
  return new RegExp(text.toLowerCase().replaceAll(/[$()*+./?[\\\]^{|}-]/g, String.raw`\$&`));
}

const inTime = <T>(call: () => Promise<T>): Promise<T> => withDeadline('MongoDB', call);
