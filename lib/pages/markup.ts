import { escapeHtml } from '../delivery/html';

/** HTML that is safe to print as is; everything else is escaped. */
export class Markup {
  constructor(readonly html: string) {}

  toString(): string {
    return this.html;
  }
}

// Embeddings, overrides, isolates and marks: whatever changes the direction of the text around it.
const DIRECTION_CONTROLS = /[\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]/g;

/** A name that someone chose, isolated so that its direction affects nothing else (C9). */
export function nameMarkup(name: string): Markup {
  return new Markup(`<bdi>${escapeHtml(withoutDirectionControls(name))}</bdi>`);
}

export function strongMarkup(name: string): Markup {
  return new Markup(`<strong>${nameMarkup(name).html}</strong>`);
}

/** Something that is always read left to right and never translated: a phone number, an e-mail address, a reference. */
export function addressMarkup(address: string): Markup {
  const text = escapeHtml(withoutDirectionControls(address));
  return new Markup(`<bdi class="address" dir="ltr" translate="no">${text}</bdi>`);
}

/** Fills the `{names}` of a text with markup, or with text, which is escaped like the text itself. */
export function fill(pattern: string, params: Readonly<Record<string, Markup | string | number>>): Markup {
  const parts = pattern.split(/(\{\w+\})/);
  const html = parts.map((part) => {
    const value = /^\{\w+\}$/.test(part) ? params[part.slice(1, -1)] : undefined;
    return value instanceof Markup ? value.html : escapeHtml(value ?? part);
  });
  return new Markup(html.join(''));
}

export function withoutDirectionControls(text: string): string {
  return text.replace(DIRECTION_CONTROLS, '');
}
