import { sign, type KeyObject } from 'node:crypto';
import { keyPair } from './key-pair';

/** A certificate and what signs for it. */
export interface Certified {
  readonly der: Buffer;
  readonly pem: string;
  readonly privateKey: KeyObject;
  readonly name: string;
}

export interface CertificateOptions {
  readonly issuer?: Certified;
  readonly isCa?: boolean;
  /** As in a key's certificate (WebAuthn 3 §8.2.1): its model. */
  readonly aaguid?: Buffer;
  readonly validTo?: string;
  /** The key that it vouches for, if not a newly made one. */
  readonly vouchesFor?: KeyObject;
  /** Further extensions: the object identifier, as DER in hex, and the value. */
  readonly extensions?: readonly (readonly [oid: string, value: Buffer])[];
}

/** An X.509 certificate (RFC 5280) of an ES256 key, like those of security key manufacturers. */
export function certificate(name: string, options: CertificateOptions = {}): Certified {
  const { issuer, isCa = false, aaguid, validTo = '20400101000000Z', vouchesFor } = options;
  const { publicKey, privateKey } = keyPair(-7);
  const extensions = [
    extension('551d13', sequence(...(isCa ? [der(0x01, Buffer.from([0xff]))] : []))),
    ...(aaguid ? [extension('2b0601040182e51c010104', der(0x04, aaguid))] : []),
    ...(options.extensions ?? []).map(([id, value]) => extension(id, value)),
  ];
  const algorithm = sequence(oid('2a8648ce3d040302'));
  const body = sequence(
    der(0xa0, integer(2)),
    integer(1),
    algorithm,
    distinguished(issuer?.name ?? name),
    sequence(time('20200101000000Z'), time(validTo)),
    distinguished(name),
    (vouchesFor ?? publicKey).export({ type: 'spki', format: 'der' }),
    der(0xa3, sequence(...extensions)),
  );
  const signature = sign('sha256', body, issuer?.privateKey ?? privateKey);
  const whole = sequence(body, algorithm, der(0x03, Buffer.concat([Buffer.from([0]), signature])));
  const base64 = whole.toString('base64').replace(/.{64}(?=.)/g, '$&\n');
  return {
    der: whole,
    pem: `-----BEGIN CERTIFICATE-----\n${base64}\n-----END CERTIFICATE-----\n`,
    privateKey,
    name,
  };
}

export function der(tag: number, content: Buffer): Buffer {
  const { length } = content;
  const size =
    length < 0x80 ? [length] : length < 0x100 ? [0x81, length] : [0x82, length >> 8, length & 0xff];
  return Buffer.concat([Buffer.from([tag, ...size]), content]);
}

export const sequence = (...parts: readonly Buffer[]): Buffer => der(0x30, Buffer.concat(parts));
export const integer = (value: number): Buffer => der(0x02, Buffer.from([value]));
const oid = (hex: string): Buffer => der(0x06, Buffer.from(hex, 'hex'));
const time = (text: string): Buffer => der(0x18, Buffer.from(text));
const extension = (id: string, value: Buffer): Buffer => sequence(oid(id), der(0x04, value));

/** Country, organisation, unit and name, as §8.2.1 requires of a key's certificate. */
const distinguished = (name: string): Buffer =>
  sequence(
    ...[
      ['550406', 'CZ'],
      ['55040a', 'Maker'],
      ['55040b', 'Authenticator Attestation'],
      ['550403', name],
    ].map(([id = '', text = '']) =>
      der(0x31, sequence(oid(id), der(id === '550406' ? 0x13 : 0x0c, Buffer.from(text)))),
    ),
  );
