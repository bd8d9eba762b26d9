import { provider, requireMajor } from '../../../lib/delivery/senders/sender-options';

const told = (work: () => unknown): string => {
  try {
    work();
    return '';
  } catch (error) {
    const { message, help } = error as { message: string; help?: string };
    return [message, help].filter(Boolean).join(' ');
  }
};

describe('The package of a provider', () => {
  it.each([
    [undefined, true],
    ['unknown', true],
    ['6.0.0[client:6.0.0]', true],
    ['10.6.1[client:10.6.1]', true],
    ['5.1.1[client:5.1.1]', false],
    ['sendgrid/5.2.3;nodejs', false],
  ])('of version %s is taken: %s', (version, isTaken) => {
    expect(told(() => requireMajor('nodemailer', version, 6))).toBe(
      isTaken ? '' : 'nodemailer 5 is too old: 6 is needed, or newer. Run npm i nodemailer@latest.',
    );
  });

  it('that is missing is told by name, and what it lacks itself is told as it is', () => {
    const name = 'no-such-package';
    const load = () => jest.requireActual<object>(name);
    expect(told(() => provider(name, load))).toContain('Run npm i no-such-package in your app.');
    expect(told(() => provider('nodemailer', load))).toContain(`Cannot find module '${name}'`);
  });
});
