import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import { freePort } from './free-port';
import { startProcess, type OwnProcess } from './own-process';

export const demoPassword = 'correct horse battery staple';
/** The constant seed of `demo-totp`. */
export const demoSeed = 'WEBADMINDEMOTOTPSEEDONLYFORDEMOS';

export interface WebAdmin extends OwnProcess {
  readonly url: string;
}

/** The example app as its own process, as `npm run example` starts it. */
export async function startWebAdmin(env: NodeJS.ProcessEnv = {}): Promise<WebAdmin> {
  const port = Number(env.PORT ?? (await freePort()));
  const app = await startProcess({
    command: process.execPath,
    args: [join(__dirname, '../../dist/example-app/main.js')],
    ready: /WebAdmin is ready/,
    env: {
      PATH: process.env.PATH,
      NODE_ENV: 'test',
      SCRYPT_COST: '10',
      TWO_FACTOR_KEY: randomBytes(32).toString('hex'),
      ...env,
      PORT: String(port),
    },
  });
  return { ...app, url: `http://localhost:${port}` };
}
