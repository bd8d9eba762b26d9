import type * as mongoose from 'mongoose';

/** Mongoose 8 under another name. Its types declare the module `mongoose`, so they are those of 9 here. */
export const mongoose8 = require('mongoose8') as typeof mongoose;
