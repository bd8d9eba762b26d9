import type { Account, ProofType, Reset } from '../../lib/account/account';
import { forgetReset, isShutByReset, noteReset } from '../../lib/account/reset';
import { anAccount, noon } from './an-account';

const proofs: readonly ProofType[] = ['totp', 'webauthn', 'otp-sms', 'otp-email', 'backup-code'];
const shutIn = (account: Account): ProofType[] => proofs.filter((type) => isShutByReset(account, type));

describe('A reset', () => {
  it.each<[string, readonly ('sms' | 'email')[], Reset, readonly ProofType[]]>([
    ['by mail', ['email'], { channel: 'email', at: noon + 1 }, ['otp-email']],
    ['by text message', ['sms'], { channel: 'sms', at: noon + 1 }, ['otp-sms']],
    ['by mail twice', ['email', 'email'], { channel: 'email', at: noon + 2 }, ['otp-email']],
    [
      'by one and then the other',
      ['sms', 'email'],
      { channel: 'both', at: noon + 2 },
      ['otp-sms', 'otp-email'],
    ],
    [
      'by both and one again',
      ['sms', 'email', 'sms'],
      { channel: 'both', at: noon + 3 },
      ['otp-sms', 'otp-email'],
    ],
  ])('%s shuts what it came by, and nothing else', (_, channels, noted, shut) => {
    const account = channels.reduce(
      (before, channel, at) => noteReset(before, channel, noon + at + 1),
      anAccount(),
    );
    expect(account.resetBy).toEqual(noted);
    expect(shutIn(account)).toEqual(shut);
  });

  it('that there was none of shuts nothing', () => {
    expect(shutIn(anAccount())).toEqual([]);
  });

  it('leaves nothing behind once it is settled but when it was', () => {
    expect(forgetReset(noteReset(anAccount(), 'sms', noon))).toEqual({
      ...anAccount(),
      reachChangedAt: noon,
    });
    expect(Object.keys(forgetReset(noteReset(anAccount(), 'sms', noon)))).not.toContain('resetBy');
  });
});
