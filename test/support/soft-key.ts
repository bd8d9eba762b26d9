import { hash, randomBytes, sign, type KeyObject } from 'node:crypto';
import type { KeyAlgorithm } from '../../lib/account/account';
import { cbor, type Cbor } from './cbor';
import { keyPair } from './key-pair';

export const site = { rpId: 'admin.example.com', origin: 'https://admin.example.com' };

/** User present, user verified; backup eligible, backed up; key data included, extensions included. */
export const flag = { present: 1, verified: 4, eligible: 8, backedUp: 16, key: 64, extensions: 128 };

/** Changes to what an honest browser and key would say. */
export interface Lies {
  /** Members of the client data; undefined leaves one out. */
  readonly client?: Readonly<Record<string, unknown>>;
  /** The client data as sent. */
  readonly clientBytes?: (honest: Buffer) => Buffer;
  readonly flags?: number;
  readonly signCount?: number;
  readonly rpId?: string;
  /** CBOR after the authenticator data, if `flags` announces some. */
  readonly extensions?: Cbor;
  readonly authData?: (honest: Buffer) => Buffer;
  /** Changes the authenticator data after signing. */
  readonly sentAuthData?: (signed: Buffer) => Buffer;
  readonly signature?: (honest: Buffer) => Buffer;
  readonly userHandle?: string | null;
  readonly publicKey?: Cbor;
  readonly format?: string;
  readonly statement?: (signed: Buffer) => Cbor;
  readonly object?: (honest: Buffer) => Buffer;
  /** Members of the answer itself, and of its `response`. */
  readonly answer?: Readonly<Record<string, unknown>>;
  readonly response?: Readonly<Record<string, unknown>>;
}

/** A security key that says whatever it is told, built on node:crypto alone. */
export function softKey(
  algorithm: KeyAlgorithm = -7,
  id: Buffer = randomBytes(32),
  aaguid: Buffer = Buffer.alloc(16),
  at = site,
) {
  const { publicKey, privateKey } = keyPair(algorithm);
  const cose = coseKey(publicKey, algorithm);
  const sharedId = id.toString('base64url');

  return {
    id: sharedId,
    privateKey,
    publicKey: cbor(cose).toString('base64url'),

    create(challenge: string, lies: Lies = {}) {
      const client = clientData('webauthn.create', challenge, at, lies);
      const length = Buffer.alloc(2);
      length.writeUInt16BE(id.length);
      const flags = lies.flags ?? flag.present | flag.verified;
      const honest = [
        header(lies.rpId ?? at.rpId, flags | flag.key, lies.signCount ?? 0),
        aaguid,
        length,
        id,
        cbor(lies.publicKey ?? cose),
        ...(lies.extensions === undefined ? [] : [cbor(lies.extensions)]),
      ];
      const authData = (lies.authData ?? same)(Buffer.concat(honest));
      const signed = Buffer.concat([authData, hash('sha256', client, 'buffer')]);
      const object = new Map<string, Cbor>([
        ['fmt', lies.format ?? 'none'],
        ['attStmt', lies.statement?.(signed) ?? new Map()],
        ['authData', authData],
      ]);
      return answer(sharedId, lies, {
        clientDataJSON: client.toString('base64url'),
        attestationObject: (lies.object ?? same)(cbor(object)).toString('base64url'),
        transports: ['usb', 'nfc'],
      });
    },

    get(challenge: string, lies: Lies = {}) {
      const client = clientData('webauthn.get', challenge, at, lies);
      const flags = lies.flags ?? flag.present | flag.verified;
      const honest = [
        header(lies.rpId ?? at.rpId, flags, lies.signCount ?? 0),
        ...(lies.extensions === undefined ? [] : [cbor(lies.extensions)]),
      ];
      const authData = (lies.authData ?? same)(Buffer.concat(honest));
      const signed = Buffer.concat([authData, hash('sha256', client, 'buffer')]);
      const signature = sign(algorithm === -8 ? null : 'sha256', signed, privateKey);
      return answer(sharedId, lies, {
        clientDataJSON: client.toString('base64url'),
        authenticatorData: (lies.sentAuthData ?? same)(authData).toString('base64url'),
        signature: (lies.signature ?? same)(signature).toString('base64url'),
        ...(lies.userHandle !== undefined && { userHandle: lies.userHandle }),
      });
    },
  };
}

export type SoftKey = ReturnType<typeof softKey>;

const same = (bytes: Buffer): Buffer => bytes;

const answer = (id: string, lies: Lies, response: Readonly<Record<string, unknown>>) => ({
  id,
  rawId: id,
  type: 'public-key',
  clientExtensionResults: {},
  response: { ...response, ...lies.response },
  ...lies.answer,
});

function clientData(
  type: string,
  challenge: string,
  at: typeof site,
  { client, clientBytes = same }: Lies,
): Buffer {
  const honest = { type, challenge, origin: at.origin, crossOrigin: false };
  return clientBytes(Buffer.from(JSON.stringify({ ...honest, ...client })));
}

function header(rpId: string, flags: number, signCount: number): Buffer {
  const count = Buffer.alloc(4);
  count.writeUInt32BE(signCount);
  return Buffer.concat([hash('sha256', rpId, 'buffer'), Buffer.from([flags]), count]);
}

function coseKey(key: KeyObject, algorithm: KeyAlgorithm): Map<number, Cbor> {
  const jwk = key.export({ format: 'jwk' });
  const part = (text: string | undefined): Buffer => Buffer.from(text ?? '', 'base64url');
  if (algorithm === -257)
    return new Map<number, Cbor>([
      [1, 3],
      [3, -257],
      [-1, part(jwk.n)],
      [-2, part(jwk.e)],
    ]);
  if (algorithm === -8)
    return new Map<number, Cbor>([
      [1, 1],
      [3, -8],
      [-1, 6],
      [-2, part(jwk.x)],
    ]);
  return new Map<number, Cbor>([
    [1, 2],
    [3, -7],
    [-1, 1],
    [-2, part(jwk.x)],
    [-3, part(jwk.y)],
  ]);
}
