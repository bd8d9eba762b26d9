import { createRequire } from 'node:module';
import { randomBytes } from 'node:crypto';

const require = createRequire(import.meta.url);
const { toBase32, fromBase32 } = require('../dist/lib/crypto/base32.js');
const { hotp, stepAt } = require('../dist/lib/crypto/otp.js');

export const newSecret = () => toBase32(randomBytes(20));
export const codeOf = (secret) => hotp(fromBase32(secret), stepAt(Date.now()));
