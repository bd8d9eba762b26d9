import type { X509Certificate } from 'node:crypto';
import type { Vouched } from './attestation';
import type { AttestationObject } from './attestation-object';
import { webauthnHelpers, webauthnServer } from './webauthn-server';

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
