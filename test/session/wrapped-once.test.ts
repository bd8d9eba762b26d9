import { secondFactor } from '../../lib';
import { hostApp } from '../support/host-app';

it('A Passport is wrapped once: a second object would be asked for a factor by the first', () => {
  const { options } = hostApp();
  expect(() => secondFactor(options)).toThrow(
    expect.objectContaining({ code: 'bad_option', help: expect.stringContaining('new Passport()') }),
  );
});
