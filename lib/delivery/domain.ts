import { domainToASCII, domainToUnicode } from 'node:url';

const LONGEST_DOMAIN = 253;
const LONGEST_LABEL = 63;

/** RFC 5891 §4.2.3.1: letters, digits and hyphens, no hyphen at either end, and `--` in third place means punycode. */
const ASCII_LABEL = /^(?!-)(?!..--)[a-z\d-]+(?<!-)$/;

// RFC 5892: letters, marks, digits, joiners, and the four signs that depend on their neighbours (Appendix A.3–A.7).
// IDNA 2008 allows no emoji or other symbols.
const UNICODE_LABEL =
  /^(?!-)(?!..--)(?:[\p{Ll}\p{Lo}\p{Lm}\p{M}\p{Nd}-]|\u200c|\u200d|(?<=l)\u00b7(?=l)|\u0375(?=\p{sc=Greek})|(?<=\p{sc=Hebrew})[\u05f3\u05f4]|\u30fb)+(?<!-)$/u;

const IN_A_DOMAIN =
  /^(?:[\p{L}\p{M}\p{Nd}.\u3002\uff0e\uff61\uff0d\u00b7\u0375\u05f3\u05f4\u30fb-]|\u200c|\u200d)+$/u;

/** A top-level domain is letters, or punycode; so no IP address is a domain (RFC 1123 §2.1). */
const TOP_LEVEL = /^(?:[a-z]{2,}|xn--[a-z\d-]+)$/;

/**
 * A mail domain in its ASCII form according to IDNA 2008: `straße.example` and `strasse.example` are two,
 * `müller.example` and its punycode are one. Undefined if it is not a domain.
 */
export function readDomain(typed: string): string | undefined {
  // domainToASCII reads its argument as the host of a URL, so no path, port or escape may get there.
  if (!IN_A_DOMAIN.test(typed)) return undefined;
  const mapped = mapWidthAndCase(typed);
  const ascii = domainToASCII(mapped);
  if (ascii.length > LONGEST_DOMAIN) return undefined;
  const labels = ascii.split('.');
  const unicode = domainToUnicode(ascii).split('.');
  const wanted = mapped.split('.');
  if (labels.length < 2 || labels.length !== wanted.length) return undefined;
  if (!TOP_LEVEL.test(labels.at(-1) ?? '')) return undefined;
  const isDomain = labels.every((label, at) => isLabel(label, unicode[at] ?? '', wanted[at] ?? ''));
  return isDomain ? ascii : undefined;
}

/**
 * What IDNA 2008 leaves to whoever reads the input (RFC 5895): width, case, the ideographic full stop. Letter by
 * letter, so that neighbours don't matter, and never from non-ASCII into ASCII: the Kelvin sign is not a k, nor a
 * Turkish İ an i.
 */
function mapWidthAndCase(typed: string): string {
  const narrow = typed.replace(
    /[\uff0d\uff0e\uff10-\uff19\uff21-\uff3a\uff41-\uff5a\u3002\uff61]/g,
    (sign) => (/[\u3002\uff61]/.test(sign) ? '.' : sign.normalize('NFKC')),
  );
  const lower = Array.from(narrow, (letter) => {
    const small = letter.toLowerCase();
    return /[a-z]/.test(small) && !/[A-Za-z]/.test(letter) ? letter : small;
  });
  return lower.join('').normalize('NFC');
}

/** Whether a label is what was typed: nothing mapped away, folded or made up on the way. */
function isLabel(ascii: string, unicode: string, wanted: string): boolean {
  if (ascii.length > LONGEST_LABEL || (wanted !== ascii && wanted !== unicode)) return false;
  if (!ascii.startsWith('xn--')) return wanted === ascii && ASCII_LABEL.test(ascii);
  return UNICODE_LABEL.test(unicode) && domainToASCII(unicode) === ascii;
}
