import { X509Certificate } from 'node:crypto';

/** Makers' chains have two or three certificates. */
const longest = 6;

/** A maker's certificates, the key's own first, that lead to one of the trusted roots. */
export interface Vouched {
  /** Without the root, unless that is the key's own. */
  readonly chain: readonly X509Certificate[];
  readonly root: X509Certificate;
}

/**
 * Whether a maker's certificates, the key's own first, lead to one of the trusted roots, and to which. A root that comes
 * with them counts for nothing unless it is ours byte for byte (GHSA-6hxq-p678-4hr2). Nothing is fetched: revocation is
 * the site's to follow, by the models it denies.
 */
export function vouchedBy(certificates: unknown, roots: readonly string[], now: number): Vouched | null {
  if (!Array.isArray(certificates) || certificates.length === 0 || certificates.length > longest) return null;
  try {
    const chain = certificates.map((bytes: Uint8Array) => new X509Certificate(bytes));
    const trusted = roots.map((pem) => new X509Certificate(pem)).filter((root) => isValid(root, now));
    const isUnbroken = chain.every((certificate, position) => {
      const issuer = chain[position + 1];
      return isValid(certificate, now) && (!issuer || (issuer.ca && isIssuedBy(certificate, issuer)));
    });
    const last = chain.at(-1);
    const root = last && trusted.find((one) => isSame(last, one) || isIssuedBy(last, one));
    return isUnbroken && root
      ? { chain: chain.filter((one, position) => position === 0 || !isSame(one, root)), root }
      : null;
  } catch {
    return null;
  }
}

const isSame = (a: X509Certificate, b: X509Certificate): boolean => a.raw.equals(b.raw);

const isIssuedBy = (certificate: X509Certificate, issuer: X509Certificate): boolean =>
  certificate.checkIssued(issuer) && certificate.verify(issuer.publicKey);

const isValid = ({ validFrom, validTo }: X509Certificate, now: number): boolean =>
  Date.parse(validFrom) <= now && now <= Date.parse(validTo);
