import { domainToUnicode } from 'node:url';
import { withoutDirectionControls } from './markup';

const DOTS = '•••';
// RFC 1035 §2.3.4: what is longer is no domain, and is not shown.
const LONGEST_DOMAIN = 253;

let graphemes: Intl.Segmenter | undefined;

/** Masks what a user is known by: `anna@example.com` becomes `a•••@example.com`, `demo` becomes `d•••`. */
export function maskName(name: string): string {
  const plain = withoutDirectionControls(name).trim();
  const at = plain.lastIndexOf('@');
  const domain = at > 0 ? plain.slice(at) : '';
  return `${firstLetterOf(plain)}${DOTS}${domain.length > LONGEST_DOMAIN ? '' : domain}`;
}

/** What is shown of a phone number: the same number of dots whatever its length, and its last two digits. */
export function maskPhone(e164: string): string {
  return `•••••••${e164.slice(-2)}`;
}

/** What is shown of an address that codes go to: `a•••@e•••.com`. */
export function maskEmail(address: string): string {
  const at = address.lastIndexOf('@');
  const domain = domainToUnicode(address.slice(at + 1));
  const top = domain.slice(domain.lastIndexOf('.'));
  return `${firstLetterOf(address)}${DOTS}@${firstLetterOf(domain)}${DOTS}${top}`;
}

/** The first letter as people see it, which may be many code points: `👩‍👩‍👧`, `é`. */
export function firstLetterOf(text: string): string {
  // Made when it is first needed: it takes 10 ms.
  graphemes ??= new Intl.Segmenter(undefined, { granularity: 'grapheme' });
  const [first] = graphemes.segment(text);
  return first?.segment ?? '';
}
