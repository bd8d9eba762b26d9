/** What the browser says the signature is for (WebAuthn 3 §5.8.1). */
export interface ClientData {
  readonly type: string;
  readonly challenge: string;
  readonly origin: string;
  readonly crossOrigin: boolean;
  readonly topOrigin: string | null;
}

const utf8 = new TextDecoder('utf-8', { fatal: true });

/**
 * Client data with its members in any order, unknown ones included (§5.8.1.1: new ones may appear at any time). Null if
 * it is not client data: not UTF-8, not JSON, a member of another type, or a name given twice, which two parsers may
 * read differently. A byte order mark is dropped, as §7.1 step 5 says.
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
    // JSON.parse keeps only the last of two members with the same name, so there are fewer than were written.
    return namesIn(text) === Object.keys(value).length ? { ...value } : null;
  } catch {
    return null;
  }
}

/** How many members a valid JSON object has as written. */
function namesIn(text: string): number {
  let [depth, names] = [0, 0];
  for (const [token] of text.matchAll(/"(?:[^"\\]|\\.)*"(?:\s*:)?|[{}[\]]/g)) {
    if (token === '{' || token === '[') depth++;
    else if (token === '}' || token === ']') depth--;
    else if (depth === 1 && token.endsWith(':')) names++;
  }
  return names;
}
