import { webauthnHelpers } from '../../lib/factors/webauthn-server';
import { softKey } from '../support/soft-key';
import { ask, asFactor, judge, withKeys } from './key-ceremony';

const mockVerify = jest.fn().mockResolvedValue(true);
jest.mock('../../lib/factors/webauthn-server', () => ({
  webauthnHelpers: () => ({ verifySignature: mockVerify }),
}));

it('F28: an unknown key costs a signature check like a known one, and is wrong whatever that says', async () => {
  const [known, unknown] = [softKey(), softKey()];
  const account = withKeys([asFactor(known)]);
  const { challenge, expected } = ask(account);
  expect(await judge(account, unknown.get(challenge), expected)).toEqual({
    ok: false,
    problem: 'wrong',
    reason: 'credential',
  });
  expect((await judge(account, known.get(challenge), expected)).ok).toBe(true);
  expect(webauthnHelpers().verifySignature).toHaveBeenCalledTimes(2);
});
