import { betterAuth } from 'better-auth';
import { memoryAdapter } from 'better-auth/adapters/memory';
import { fromNodeHeaders, toNodeHandler } from 'better-auth/node';
import { twoFactor } from 'better-auth/plugins';
import { origin } from './apps.mjs';
import { cookiesOf, listening, post } from './measure.mjs';

const tables = () => ({ user: [], session: [], account: [], verification: [], twoFactor: [], rateLimit: [] });

/**
 * better-auth on Express with its memory adapter; with a Redis client, sessions live there. Its password hash costs
 * nothing here, as ours is not measured either.
 */
export async function betterAuthApp(app, client) {
  const auth = betterAuth({
    baseURL: origin,
    secret: 'bench'.repeat(10),
    logger: { disabled: true },
    telemetry: { enabled: false },
    database: memoryAdapter(tables()),
    emailAndPassword: {
      enabled: true,
      password: {
        hash: async (password) => password,
        verify: async ({ hash, password }) => hash === password,
      },
    },
    rateLimit: { enabled: false },
    plugins: [twoFactor({ issuer: 'Bench' })],
    ...(client && {
      secondaryStorage: {
        get: (key) => client.get(`better:${key}`),
        set: async (key, value, ttl) => {
          await (ttl ? client.set(`better:${key}`, value, 'EX', ttl) : client.set(`better:${key}`, value));
        },
        delete: async (key) => {
          await client.del(`better:${key}`);
        },
      },
    }),
  });
  app.disable('x-powered-by').disable('etag');
  app.all('/api/auth/{*any}', toNodeHandler(auth));
  app.get('/gated', async (req, res) => {
    const session = await auth.api.getSession({ headers: fromNodeHeaders(req.headers) });
    res.status(session ? 200 : 401).json({ user: session?.user.id ?? null });
  });
  const server = await listening(app);
  const { port } = server.address();
  const password = 'correct horse battery staple';

  const signIn = async (name = 'ann') => {
    const response = await post(port, '/api/auth/sign-up/email', {
      name,
      email: `${name}@example.com`,
      password,
    });
    if (!response.ok) throw new Error(`better-auth sign-up: ${response.status} ${await response.text()}`);
    return cookiesOf(response);
  };
  /** Switches its second factor on; the seed in base32. */
  const enable = async (cookie, codeFor) => {
    const enabled = await post(port, '/api/auth/two-factor/enable', { password }, cookie);
    const { totpURI } = await enabled.json();
    const secret = new URL(totpURI).searchParams.get('secret');
    const verified = await post(
      port,
      '/api/auth/two-factor/verify-totp',
      { code: codeFor(secret) },
      cookiesOf(enabled, cookie),
    );
    if (!verified.ok) throw new Error(`better-auth enable: ${verified.status} ${await verified.text()}`);
    return secret;
  };
  const half = async (name) => {
    const response = await post(port, '/api/auth/sign-in/email', { email: `${name}@example.com`, password });
    const body = await response.json();
    if (!body.twoFactorRedirect)
      throw new Error(`better-auth sign-in: ${response.status} ${JSON.stringify(body)}`);
    return cookiesOf(response);
  };
  return { server, port, signIn, enable, half };
}
