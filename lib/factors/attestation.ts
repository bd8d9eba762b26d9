import { X509Certificate } from 'node:crypto';

/** Makers' chains have two or three certificates. */
const longest = 6;

/**
 * Whether a maker's certificates, the key's own first, lead to one of the trusted roots. A root that comes with them
 * counts for nothing unless it is ours byte for byte (GHSA-6hxq-p678-4hr2). Nothing is fetched: revocation is the
 * site's to follow, by the models it denies.
 */
export function leadsToRoot(certificates: unknown, roots: readonly string[], now: number): boolean {
  if (!Array.isArray(certificates) || certificates.length === 0 || certificates.length > longest)
    return false;
  try {
    const chain = certificates.map((bytes: Uint8Array) => new X509Certificate(bytes));
    const trusted = roots.map((pem) => new X509Certificate(pem)).filter((root) => isValid(root, now));
    const isUnbroken = chain.every((certificate, position) => {
      const issuer = chain[position + 1];
      return isValid(certificate, now) && (!issuer || (issuer.ca && isIssuedBy(certificate, issuer)));
    });
    const last = chain.at(-1);
    return (
      isUnbroken && last !== undefined && trusted.some((root) => isSame(last, root) || isIssuedBy(last, root))
    );
  } catch {
    return false;
  }
}

const isSame = (a: X509Certificate, b: X509Certificate): boolean => a.raw.equals(b.raw);

const isIssuedBy = (certificate: X509Certificate, issuer: X509Certificate): boolean =>
  certificate.checkIssued(issuer) && certificate.verify(issuer.publicKey);

const isValid = ({ validFrom, validTo }: X509Certificate, now: number): boolean =>
  Date.parse(validFrom) <= now && now <= Date.parse(validTo);
