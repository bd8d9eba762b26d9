import { execFileSync } from 'node:child_process';
import { createHmac, randomBytes } from 'node:crypto';
import fc from 'fast-check';
import { HOTP, Secret } from 'otpauth';
import { toBase32 } from '../../lib/crypto/base32';
import {
  hotp,
  matchingSteps,
  stepAt,
  TOTP_DIGITS,
  TOTP_PERIOD,
  type OtpAlgorithm,
} from '../../lib/crypto/otp';
import { describeIf } from '../support/needs';

/** RFC 4226 §5.3 in a few lines of its own: what we agree with is not what we are made of. */
function reference(secret: Buffer, counter: number, digits = 6, algorithm: OtpAlgorithm = 'sha1'): string {
  const message = Buffer.alloc(8);
  message.writeBigUInt64BE(BigInt(counter));
  const mac = createHmac(algorithm, secret).update(message).digest();
  const offset = (mac.at(-1) ?? 0) & 15;
  return String((mac.readUInt32BE(offset) & 0x7fffffff) % 10 ** digits).padStart(digits, '0');
}

const ascii = (length: number) => Buffer.from('1234567890'.repeat(7).slice(0, length));

describe('RFC 4226 Appendix D', () => {
  it.each(
    ['755224', '287082', '359152', '969429', '338314', '254676', '287922', '162583', '399871', '520489'].map(
      (code, counter) => [counter, code] as const,
    ),
  )('counter %d gives %s', (counter, code) => {
    expect(hotp(ascii(20), counter)).toBe(code);
  });
});

describe('RFC 6238 Appendix B', () => {
  const rows: readonly (readonly [number, string, string, string])[] = [
    [59, '94287082', '46119246', '90693936'],
    [1111111109, '07081804', '68084774', '25091201'],
    [1111111111, '14050471', '67062674', '99943326'],
    [1234567890, '89005924', '91819424', '93441116'],
    [2000000000, '69279037', '90698825', '38618901'],
    [20000000000, '65353130', '77737706', '47863826'],
  ];

  it.each(rows)('at %d s', (seconds, sha1, sha256, sha512) => {
    const step = stepAt(seconds * 1000);
    expect(hotp(ascii(20), step, 8, 'sha1')).toBe(sha1);
    expect(hotp(ascii(32), step, 8, 'sha256')).toBe(sha256);
    expect(hotp(ascii(64), step, 8, 'sha512')).toBe(sha512);
  });
});

describe('our codes', () => {
  it('are 6 digits of 30 s', () => {
    expect([TOTP_DIGITS, TOTP_PERIOD]).toEqual([6, 30]);
  });

  it('keep their leading zeros', () => {
    const zeros = Array.from({ length: 200 }, (_, step) => hotp(ascii(20), step)).filter(
      (code) => code < '1',
    );
    expect(zeros.length).toBeGreaterThan(0);
    expect(zeros.every((code) => /^0\d{5}$/.test(code))).toBe(true);
  });

  it('are those of otpauth and of the RFC’s words, for any seed and time', () => {
    const seed = fc.uint8Array({ minLength: 16, maxLength: 64 });
    const algorithm = fc.constantFrom<OtpAlgorithm>('sha1', 'sha256', 'sha512');
    fc.assert(
      fc.property(
        seed,
        fc.nat(2 ** 31 - 1),
        algorithm,
        fc.constantFrom(6, 8),
        (bytes, counter, name, digits) => {
          const ours = hotp(Buffer.from(bytes), counter, digits, name);
          const secret = new Secret({ buffer: Uint8Array.from(bytes).buffer });
          expect(ours).toBe(new HOTP({ secret, algorithm: name, digits, counter }).generate());
          expect(ours).toBe(reference(Buffer.from(bytes), counter, digits, name));
        },
      ),
    );
  });

  it('are right in the years 2038 and 2500', () => {
    for (const year of [2038, 2100, 2500]) {
      const step = stepAt(Date.UTC(year, 0, 20));
      expect(hotp(ascii(20), step)).toBe(reference(ascii(20), step));
    }
  });
});

describe('time steps', () => {
  it('change with every 30th second, and not before', () => {
    expect([0, 29_999, 30_000, 59_999, 60_000].map(stepAt)).toEqual([0, 0, 1, 1, 2]);
    expect(stepAt(1_764_000_017_345)).toBe(1_764_000_000_000 / 30_000);
  });
});

describe('the steps a code belongs to', () => {
  const secret = ascii(20);

  it('are found among those asked about, and no others', () => {
    expect(matchingSteps(secret, '287082', [0, 1, 2])).toEqual([1]);
    expect(matchingSteps(secret, '287082', [0, 2, 3])).toEqual([]);
    expect(matchingSteps(secret, '287082', [])).toEqual([]);
  });

  it('are none for what merely begins like a code', () => {
    for (const text of ['28708', '2870820', ' 287082', '287082 ', '', '94287082', '+87082', '２８７０８２'])
      expect(matchingSteps(secret, text, [0, 1, 2])).toEqual([]);
  });

  it('are none before 1970', () => {
    expect(matchingSteps(secret, '755224', [-2, -1, 0])).toEqual([0]);
  });
});

describeIf('oathtool', 'oathtool', () => {
  const oathtool = (...args: readonly string[]): string[] =>
    execFileSync('oathtool', args, { encoding: 'utf8' }).trim().split('\n');

  it('computes the codes that we do, step after step', () => {
    for (const bytes of [16, 20, 32, 64]) {
      const secret = randomBytes(bytes);
      const now = Date.UTC(2026, 10, 24, 12);
      const theirs = oathtool('--totp', '-b', '-N', `@${now / 1000}`, '-w', '10', toBase32(secret));
      const step = stepAt(now);
      expect(theirs).toEqual(Array.from({ length: 11 }, (_, ahead) => hotp(secret, step + ahead)));
    }
  });

  it.each(['sha256', 'sha512'] as const)('agrees on %s', (algorithm) => {
    const secret = randomBytes(32);
    const [theirs] = oathtool(`--totp=${algorithm}`, '-b', '-d', '8', '-N', '@2000000000', toBase32(secret));
    expect(theirs).toBe(hotp(secret, stepAt(2_000_000_000_000), 8, algorithm));
  });
});
