/** What the browser says it signed for (WebAuthn 3 §5.8.1). */
export interface ClientData {
  readonly type: string;
  readonly challenge: string;
  readonly origin: string;
  readonly crossOrigin: boolean;
  readonly topOrigin: string | null;
}

const utf8 = new TextDecoder('utf-8', { fatal: true });

/**
 * Client data in any order of its members, with members we don't know (§5.8.1.1: they may come any day). Null when
 * it is not that: no UTF-8, no JSON, another type of a member, or a name given twice, which two readers would take
 * for two different things. A byte order mark is dropped, as §7.1 step 5 says.
 */
export function readClientData(bytes: Buffer): ClientData | null {
  const parsed = parse(bytes);
  if (!parsed) return null;
  const given = (name: string): unknown => (Object.hasOwn(parsed, name) ? parsed[name] : undefined);
  const [type, challenge, origin] = [given('type'), given('challenge'), given('origin')];
  const [crossOrigin = false, topOrigin = null] = [given('crossOrigin'), given('topOrigin')];
  if (typeof type !== 'string' || typeof challenge !== 'string' || typeof origin !== 'string') return null;
  if (typeof crossOrigin !== 'boolean') return null;
  if (topOrigin !== null && typeof topOrigin !== 'string') return null;
  return { type, challenge, origin, crossOrigin, topOrigin };
}

function parse(bytes: Buffer): Record<string, unknown> | null {
  try {
    const text = utf8.decode(bytes);
    const value: unknown = JSON.parse(text);
    if (typeof value !== 'object' || value === null || Array.isArray(value)) return null;
    // JSON.parse keeps the last of two members of one name, so there are fewer than were written.
    return namesIn(text) === Object.keys(value).length ? { ...value } : null;
  } catch {
    return null;
  }
}

/** How many members the object of a valid JSON text has by its writing. */
function namesIn(text: string): number {
  let [depth, names] = [0, 0];
  for (const [token] of text.matchAll(/"(?:[^"\\]|\\.)*"(?:\s*:)?|[{}[\]]/g)) {
    if (token === '{' || token === '[') depth++;
    else if (token === '}' || token === ']') depth--;
    else if (depth === 1 && token.endsWith(':')) names++;
  }
  return names;
}
