import { bad, unset } from '../../option-checks';
import { isLoopback, secret } from './sender-options';

/** What a mail server is reached by, read from its URL. */
export interface SmtpServer {
  readonly host: string;
  readonly port: number;
  /** TLS from the first byte; otherwise by STARTTLS. */
  readonly secure: boolean;
  readonly auth: { readonly user: string; readonly pass: string } | undefined;
  readonly isLocal: boolean;
}

const help =
  "Give 'smtps://user:password@mail.example.com' (TLS, port 465) or 'smtp://…' (STARTTLS, port 587), " +
  'user and password percent-encoded, and nothing behind the port.';

/**
 * Read here, as nodemailer takes every option there is from a URL's query: whoever may write the address of the
 * server could switch off the checks of its certificate.
 */
export function smtpServer(value: unknown): SmtpServer {
  const url = urlOf(value);
  const host = url.hostname.replace(/^\[|\]$/g, '');
  const secure = url.protocol === 'smtps:';
  return {
    host,
    port: Number(url.port) || (secure ? 465 : 587),
    secure,
    auth: credentials(url),
    isLocal: isLoopback(host),
  };
}

function urlOf(value: unknown): URL {
  if (value === undefined) throw unset('url');
  if (value === '') throw bad('url is missing.', help);
  const url = typeof value === 'string' && URL.canParse(value) ? new URL(value) : null;
  const isBare = url !== null && /^\/?$/.test(url.pathname) && !url.search && !url.hash;
  if (url && isBare && /^smtps?:$/.test(url.protocol) && /^[\w.:[\]-]+$/.test(url.hostname)) return url;
  throw bad('url is no address of a mail server.', help);
}

function credentials({ username, password }: URL): SmtpServer['auth'] {
  if (!username && !password) return undefined;
  return {
    user: secret('the user in url', decoded(username)),
    pass: secret('the password in url', decoded(password)),
  };
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    throw bad('url has a percent sign that encodes nothing.', help);
  }
}
