import { X509Certificate } from 'node:crypto';
import type { AttestationObject } from './attestation-object';
import { webauthnHelpers, webauthnServer } from './webauthn-server';

/** Manufacturers' chains have two or three certificates. */
const LONGEST = 6;

/** A manufacturer's certificates, the key's own first, that chain to one of the trusted roots. */
export interface Vouched {
  /** Without the root, unless that is the key's own. */
  readonly chain: readonly X509Certificate[];
  readonly root: X509Certificate;
}

/**
 * Whether a manufacturer's certificates, the key's own first, chain to one of the trusted roots, and to which. A root
 * that comes with them counts for nothing unless it is ours byte for byte (GHSA-6hxq-p678-4hr2). Nothing is fetched: it
 * is up to the site to follow revocations, by denying models.
 */
export function vouchedBy(certificates: unknown, roots: readonly string[], now: number): Vouched | null {
  if (!Array.isArray(certificates) || certificates.length === 0 || certificates.length > LONGEST) return null;
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

/**
 * What the library gets to read of an attestation whose certificates chain to a root of ours. For some formats (Apple,
 * Android) it has roots of its own, and refuses every chain that ends elsewhere before anyone can look at it. It has
 * one list for the whole process, which may be the app's, so ours is added and none is removed; `vouchedBy` decides
 * which roots count for this site, and nothing is let in here.
 */
export function forLibrary(made: AttestationObject, { chain, root }: Vouched): string {
  const { SettingsService } = webauthnServer();
  const identifier = made.format as Parameters<typeof SettingsService.getRootCertificates>[0]['identifier'];
  const there = SettingsService.getRootCertificates({ identifier });
  const ours = webauthnHelpers().convertCertBufferToPEM(der(root));
  // Without a list it accepts every chain.
  if (there.length > 0 && !there.includes(ours))
    SettingsService.setRootCertificates({ identifier, certificates: [...there, ours] });
  // It rejects a chain that includes a root of its list, except for Android, where the last one has to be the root.
  const sent = made.format === 'android-key' ? [...chain, root] : chain;
  return made.withCertificates(sent.map(der));
}

const der = (certificate: X509Certificate): Uint8Array<ArrayBuffer> => new Uint8Array(certificate.raw);
