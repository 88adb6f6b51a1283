import { createHash, createSign, generateKeyPairSync, randomBytes } from 'node:crypto';
import type { Visit } from '../../src/demo/plain-browser.ts';

/** How a false answer differs from the true one. */
export interface Lie {
  origin?: string;
  challenge?: string;
  type?: string;
  rpId?: string;
  isVerified?: boolean;
  isPresent?: boolean;
  counter?: number;
  userHandle?: string;
  /** Signed by a key that is not the credential's. */
  hasForeignKey?: boolean;
}

interface Options {
  challenge: string;
  rp?: { id?: string };
  rpId?: string;
  user?: { id: string };
}

const FLAGS = { present: 0x01, verified: 0x04, attested: 0x40 };

const sha256 = (data: string | Buffer) => createHash('sha256').update(data).digest();
const base64url = (data: string | Buffer) => Buffer.from(data).toString('base64url');

/** An authenticator without hardware: it makes a key pair for ES256 and signs as Web Authentication Level 3 says, or lies. */
export function createAuthenticator(origin: string) {
  const id = randomBytes(32);
  const { publicKey, privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const foreign = generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey;
  let counter = 0;
  let owner = '';

  function clientData(type: string, options: Options, lie: Lie): string {
    const challenge = lie.challenge ?? options.challenge;
    return base64url(
      JSON.stringify({ type: lie.type ?? type, challenge, origin: lie.origin ?? origin, crossOrigin: false }),
    );
  }

  function authenticatorData(rpId: string, flags: number, lie: Lie, attested = Buffer.alloc(0)): Buffer {
    counter += 1;
    const present = lie.isPresent === false ? 0 : FLAGS.present;
    const verified = lie.isVerified === false ? 0 : FLAGS.verified;
    const count = Buffer.alloc(4);
    count.writeUInt32BE(lie.counter ?? counter);
    return Buffer.concat([sha256(lie.rpId ?? rpId), Buffer.from([flags | present | verified]), count, attested]);
  }

  /** The answer to `navigator.credentials.create`, as JSON. */
  function create(options: Options, lie: Lie = {}): string {
    owner = options.user?.id ?? '';
    const { x = '', y = '' } = publicKey.export({ format: 'jwk' });
    const key = cbor(new Map<number, unknown>([[1, 2], [3, -7], [-1, 1], [-2, Buffer.from(x, 'base64url')], [-3, Buffer.from(y, 'base64url')]])); // prettier-ignore
    const length = Buffer.alloc(2);
    length.writeUInt16BE(id.length);
    const attested = Buffer.concat([Buffer.alloc(16), length, id, key]);
    const authData = authenticatorData(options.rp?.id ?? '', FLAGS.attested, lie, attested);
    const attestation = cbor(new Map<string, unknown>([['fmt', 'none'], ['attStmt', new Map()], ['authData', authData]])); // prettier-ignore
    return JSON.stringify({
      id: base64url(id),
      rawId: base64url(id),
      type: 'public-key',
      clientExtensionResults: {},
      response: {
        clientDataJSON: clientData('webauthn.create', options, lie),
        attestationObject: base64url(attestation),
        transports: ['internal'],
      },
    });
  }

  /** The answer to `navigator.credentials.get`, as JSON. */
  function get(options: Options, lie: Lie = {}): string {
    const clientDataJSON = clientData('webauthn.get', options, lie);
    const authData = authenticatorData(options.rpId ?? '', 0, lie);
    const signed = Buffer.concat([authData, sha256(Buffer.from(clientDataJSON, 'base64url'))]);
    const signature = createSign('sha256')
      .update(signed)
      .sign(lie.hasForeignKey ? foreign : privateKey);
    return JSON.stringify({
      id: base64url(id),
      rawId: base64url(id),
      type: 'public-key',
      clientExtensionResults: {},
      response: {
        clientDataJSON,
        authenticatorData: base64url(authData),
        signature: base64url(signature),
        userHandle: lie.userHandle ?? owner,
      },
    });
  }

  return { create, get };
}

export type Authenticator = ReturnType<typeof createAuthenticator>;

/** What a page asks the browser for. */
export function passkeyOptions({ html }: Visit): Options {
  const [, options] = /data-options="([^"]+)"/.exec(html) ?? [];
  if (!options) throw new Error('This page asks for no passkey.');
  return JSON.parse(options.replaceAll('&#34;', '"').replaceAll('&amp;', '&')) as Options;
}

/** The little of CBOR (RFC 8949) that an attestation needs. */
function cbor(value: unknown): Buffer {
  if (typeof value === 'number') return value < 0 ? head(1, -1 - value) : head(0, value);
  if (typeof value === 'string') return Buffer.concat([head(3, Buffer.byteLength(value)), Buffer.from(value)]);
  if (Buffer.isBuffer(value)) return Buffer.concat([head(2, value.length), value]);
  const entries = [...(value as Map<unknown, unknown>)].flatMap(([key, item]) => [cbor(key), cbor(item)]);
  return Buffer.concat([head(5, (value as Map<unknown, unknown>).size), ...entries]);
}

function head(type: number, length: number): Buffer {
  if (length < 24) return Buffer.from([(type << 5) | length]);
  return length < 256
    ? Buffer.from([(type << 5) | 24, length])
    : Buffer.from([(type << 5) | 25, length >> 8, length & 255]);
}
