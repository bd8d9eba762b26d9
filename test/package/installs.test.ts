import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { asJavaScript, expected } from './consumer-source';
import { Consumer, pack, peerDependencies, peerDependenciesMeta, root, type Packed } from './pack';

describe('An optional peer', () => {
  it.each(Object.keys(peerDependenciesMeta))(
    'never stops `npm install` by the version of %s that an app has',
    (name) => {
      expect(peerDependencies[name]).toBe('*');
    },
  );
});

/** They take minutes, and the registry. */
const longOnly = process.env.TEST_LONG === '1' ? describe : () => undefined;

longOnly('`npm install` from the registry', () => {
  let dir: string;
  let packed: Packed;
  beforeAll(() => {
    dir = mkdtempSync(join(tmpdir(), 'install-'));
    packed = pack(dir);
  }, 120_000);
  afterAll(() => rmSync(dir, { recursive: true, force: true }));

  /** An app that has these packages first, and then us. Nothing of npm's own checks is switched off. */
  function installed(...packages: readonly string[]): Consumer {
    const app = new Consumer(packed, 'commonjs', [], 'empty');
    const quiet = ['--no-audit', '--no-fund', '--ignore-scripts', '--loglevel=error'];
    app.run('npm', ['install', ...quiet, ...packages]);
    app.run('npm', ['install', ...quiet, packed.tarball]);
    return app;
  }
  const usual = ['express@4', 'express-session@1', 'passport@0.6'];

  it.each(['nodemailer@5', '@sendgrid/mail@6', '@vonage/sms@1.0.1', 'ioredis@4', 'mongoose@7'])(
    'goes through in an app that has %s, which we do not work with',
    (provider) => {
      expect(() => installed(...usual, provider)).not.toThrow();
    },
    300_000,
  );

  it.each(['6.0.0', '6', '7', '8', '9', '10'])(
    'gives a sender that works with nodemailer %s',
    (version) => {
      const app = installed(...usual, `nodemailer@${version}`);
      app.write('app.js', sending);
      expect(app.node('app.js')).toBe('ann@example.com\n');
    },
    300_000,
  );

  it.each([
    ['express@4.16.0', 'express-session@1.17.3', 'passport@0.6.0'],
    ['express@4', 'express-session@1', 'passport@0.7'],
    ['express@5', 'express-session@1', 'passport@0.7'],
  ])(
    'gives a login that owes on %s, %s and %s',
    (...packages) => {
      const app = installed(...packages, 'passport-local@1', 'ioredis@6', 'mongoose@9');
      app.write('app.js', asJavaScript('commonjs'));
      expect(JSON.parse(app.node('app.js'))).toEqual(expected);
    },
    300_000,
  );
});

const sending = `
  const { SMTPServer } = require(${JSON.stringify(join(root, 'node_modules/smtp-server'))});
  const { smtpSender } = require('express-second-factor/smtp');
  const server = new SMTPServer({
    authOptional: true,
    disabledCommands: ['STARTTLS'],
    onData(stream, session, done) {
      console.log(session.envelope.rcptTo.map(({ address }) => address).join());
      stream.on('end', done).resume();
    },
  });
  const listening = server.listen(0, '127.0.0.1', async () => {
    const url = 'smtp://127.0.0.1:' + listening.address().port;
    const send = smtpSender({ url, from: 'no-reply@example.com' });
    const mail = { channel: 'email', to: 'ann@example.com', subject: 's', text: 't', html: '<p>t</p>' };
    await send(mail, new AbortController().signal);
    server.close();
  });
`;
