import { getMaxListeners } from 'node:events';
import { Background } from '../../lib/notices/background';

describe('Work in the background', () => {
  it('may be as many messages at once as there are readers, without a warning of a leak', () => {
    expect(getMaxListeners(new Background().signal)).toBe(Infinity);
  });

  it('is waited for, but not what is added after that', async () => {
    const background = new Background();
    const ended: string[] = [];
    const add = (name: string): void => background.add(async () => ended.push(name));
    add('first');
    add('second');
    const settled = background.settle(() => false);
    background.add(() => new Promise(() => undefined));
    await settled;
    expect(ended).toEqual(['first', 'second']);
  });

  it('is waited for no longer than there is time, and not once it is closed', async () => {
    const background = new Background();
    background.add(() => new Promise(() => undefined));
    await background.settle(() => true);
    const settled = background.settle(() => false);
    await background.close();
    expect(await settled).toBeUndefined();
  });
});
