import { bad, textOf } from '../../options/checks';
import { cureOf } from '../../options/table';
import { isLoopback, secret } from './sender-options';

/** How to reach a mail server, read from its URL. */
export interface SmtpServer {
  readonly host: string;
  readonly port: number;
  /** TLS from the first byte; otherwise by STARTTLS. */
  readonly secure: boolean;
  readonly auth: { readonly user: string; readonly pass: string } | undefined;
  readonly isLocal: boolean;
}

const option = 'smtpSender.url';

/**
 * Parsed here, as nodemailer takes any option from a URL's query: whoever can set the server's address could switch off
 * the check of its certificate.
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
  const given = textOf(option, value);
  const url = URL.canParse(given) ? new URL(given) : null;
  const isBare = url !== null && /^\/?$/.test(url.pathname) && !url.search && !url.hash;
  if (url && isBare && /^smtps?:$/.test(url.protocol) && /^[\w.:[\]-]+$/.test(url.hostname)) return url;
  throw bad(`${option} is not the address of a mail server.`, cureOf(option));
}

function credentials({ username, password }: URL): SmtpServer['auth'] {
  if (!username && !password) return undefined;
  if (!username || !password) throw bad(`${option} has a user or a password, and not both.`, cureOf(option));
  return {
    user: secret(`the user in ${option}`, decoded(username)),
    pass: secret(`the password in ${option}`, decoded(password)),
  };
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    throw bad(`${option} has a percent sign that encodes nothing.`, cureOf(option));
  }
}
