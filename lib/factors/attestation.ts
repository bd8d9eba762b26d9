import { X509Certificate } from 'node:crypto';
import type { AttestationObject } from './attestation-object';
import { webauthnHelpers, webauthnServer } from './webauthn-server';

/** Makers' chains have two or three certificates. */
const LONGEST = 6;

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
 * What the library is to read of an attestation whose certificates lead to a root of ours. For some formats (Apple,
 * Android) it has roots of its own, and refuses every chain that ends elsewhere before anybody can look at it. Its list
 * is one for the whole process and may be the app's, so ours is added and none is taken away; which roots count for this
 * site is decided by `vouchedBy`, and here nobody is let in.
 */
export function forLibrary(made: AttestationObject, { chain, root }: Vouched): string {
  const { SettingsService } = webauthnServer();
  const identifier = made.format as Parameters<typeof SettingsService.getRootCertificates>[0]['identifier'];
  const there = SettingsService.getRootCertificates({ identifier });
  const ours = webauthnHelpers().convertCertBufferToPEM(der(root));
  // Where it has no list it takes every chain.
  if (there.length > 0 && !there.includes(ours))
    SettingsService.setRootCertificates({ identifier, certificates: [...there, ours] });
  // A root of its list that comes with the others is an error to it, but of Android the last one has to be it.
  const sent = made.format === 'android-key' ? [...chain, root] : chain;
  return made.withCertificates(sent.map(der));
}

const der = (certificate: X509Certificate): Uint8Array<ArrayBuffer> => new Uint8Array(certificate.raw);
