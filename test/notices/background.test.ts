import { getMaxListeners } from 'node:events';
import { Background } from '../../lib/notices/background';

describe('Work in the background', () => {
  it('may be as many messages at once as there are readers, without a warning of a leak', () => {
    expect(getMaxListeners(new Background().signal)).toBe(Infinity);
  });
});
