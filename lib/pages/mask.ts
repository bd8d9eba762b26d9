import { withoutDirectionControls } from './markup';

const DOTS = '•••';
// RFC 1035 §2.3.4: anything longer is not a domain, and is not shown.
const LONGEST_DOMAIN = 253;

let graphemes: Intl.Segmenter | undefined;

/** Masks the name a user goes by: `anna@example.com` becomes `a•••@example.com`, `demo` becomes `d•••`. */
export function maskName(name: string): string {
  const plain = withoutDirectionControls(name).trim();
  const at = plain.lastIndexOf('@');
  const domain = at > 0 ? plain.slice(at) : '';
  return `${firstLetterOf(plain)}${DOTS}${domain.length > LONGEST_DOMAIN ? '' : domain}`;
}

/** The first character as people see it, which may be several code points: `👩‍👩‍👧`, `é`. */
export function firstLetterOf(text: string): string {
  // Made on first use, as it takes 10 ms.
  graphemes ??= new Intl.Segmenter(undefined, { granularity: 'grapheme' });
  const [first] = graphemes.segment(text);
  return first?.segment ?? '';
}
