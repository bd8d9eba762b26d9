/**
 * What a browser takes out of a text message: the host and code of its last line, step by step as
 * https://wicg.github.io/sms-one-time-codes §"Parsing" says. Undefined where the message is bound to no origin.
 */
export function parseOriginBound(message: string): { host: string; code: string } | undefined {
  const line = message.split(/\r\n|\r|\n/).at(-1) ?? '';
  const fields = line.split(/[ \t]+/);
  const [host, code, embedded] = fields;
  if (!host?.startsWith('@') || host.length === 1) return undefined;
  if (!code?.startsWith('#') || code.length === 1) return undefined;
  if (embedded !== undefined && !embedded.startsWith('@')) return undefined;
  const asUrl = `https://${host.slice(1)}/`;
  if (!URL.canParse(asUrl) || new URL(asUrl).host !== host.slice(1)) return undefined;
  return { host: host.slice(1), code: code.slice(1) };
}
