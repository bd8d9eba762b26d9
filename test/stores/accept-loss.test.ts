import { memoryAccounts, memoryPending } from '../../lib';

const { NODE_ENV } = process.env;
afterEach(() => {
  process.env.NODE_ENV = NODE_ENV;
});

describe.each([
  ['memoryAccounts', memoryAccounts],
  ['memoryPending', memoryPending],
] as const)('%s', (name, open) => {
  it('in production is no store that loses every factor at a restart without anybody noticing', () => {
    process.env.NODE_ENV = 'production';
    const refused = { code: 'bad_option', help: expect.stringContaining('{ acceptLoss: true }') };
    for (const options of [undefined, {}, { acceptLoss: false }, { acceptLoss: undefined }] as never[])
      expect(() => open(options)).toThrow(expect.objectContaining(refused));
    expect(() => open()).toThrow(`${name}() forgets everything at a restart`);
  });

  it('in production is what somebody asked for who accepts the loss', () => {
    process.env.NODE_ENV = 'production';
    expect(() => open({ acceptLoss: true })).not.toThrow();
  });

  it('asks nothing anywhere else', () => {
    for (const environment of ['development', 'test', '']) {
      process.env.NODE_ENV = environment;
      expect(() => open()).not.toThrow();
    }
  });

  it.each([{ acceptLos: true }, { acceptLoss: 'yes' }, { acceptLoss: 1 }, null, 'yes'] as never[])(
    'takes nothing else for a yes: %j',
    (options) => {
      for (const environment of ['production', 'test']) {
        process.env.NODE_ENV = environment;
        expect(() => open(options)).toThrow(expect.objectContaining({ code: 'bad_option' }));
      }
    },
  );
});
