import type * as mongoose from 'mongoose';

/** Mongoose 8 under another name. Its types declare the module `mongoose`, so these are the types of 9. */
export const mongoose8 = require('mongoose8') as typeof mongoose;
