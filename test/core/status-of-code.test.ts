import { statusOfCode } from '../../lib';
import { hostApp } from '../support/host-app';

it('Own pages and APIs can answer a refusal with the status that ours would', async () => {
  const { twoFactor } = hostApp();
  const refused = await twoFactor.verify('id-ann', 'totp', { code: 'letters' });
  expect(refused.ok ? null : statusOfCode[refused.code]).toBe(400);
  expect(statusOfCode).toMatchObject({ wrong_code: 401, codes_closed: 403, locked: 429, unavailable: 503 });
});
