import type { AdapterPayload } from 'oidc-provider';
import type { Encryption } from '../../platform/encryption.ts';
import { sha256 } from '../../platform/ids.ts';
import { loginOf } from '../sessions/proof-marks.ts';
import { purposeOf, SEALED, type ModelName, type StoredModel } from './stored-model.mongo.ts';

export type Payloads = ReturnType<typeof createPayloads>;

/** The provider's payloads as they are stored, and back. */
export function createPayloads(encryption: Encryption) {
  const decrypted = new WeakMap<StoredModel, AdapterPayload>();

  function toStored(
    name: ModelName,
    key: string,
    payload: AdapterPayload,
    expiresIn: number | undefined,
  ): Partial<StoredModel> {
    const { jti, consumed: _elsewhere, proofMark, ...rest } = payload as Record<string, unknown>;
    // It moves at every use, and stands beside the payload.
    if (name === 'Session') delete rest['exp'];
    const secrets: Record<string, unknown> = {};
    for (const field of SEALED[name] ?? []) {
      const value = field === 'jti' ? jti : rest[field];
      if (value !== undefined) secrets[field] = value;
      delete rest[field];
    }
    return {
      payload: JSON.stringify(rest),
      ...(Object.keys(secrets).length > 0
        ? { encrypted: encryption.encrypt(purposeOf(name, key), JSON.stringify(secrets)) }
        : {}),
      ...pickStrings(payload, ['grantId', 'accountId', 'clientId']),
      ...(name === 'Session' ? pickStrings(payload, ['uid']) : {}),
      ...(typeof proofMark === 'number' ? { proofMark } : {}),
      ...(name === 'Interaction' ? ownerOf(payload) : {}),
      ...(name === 'Grant' ? { scopes: scopesOf(payload), version: Number(payload['version'] ?? 0) } : {}),
      ...(payload.userCode ? { userCode: sha256(payload.userCode) } : {}),
      ...(expiresIn === undefined ? {} : { expiresAt: new Date(Date.now() + expiresIn * 1000) }),
    };
  }

  function toPayload(name: ModelName, found: StoredModel, id?: string): AdapterPayload {
    const { payload, proofMark, expiresAt } = found;
    return {
      ...(id === undefined ? {} : { jti: id }),
      ...(JSON.parse(payload) as AdapterPayload),
      ...(proofMark === undefined ? {} : { proofMark }),
      // Of a grant, its tokens may have prolonged it.
      ...((name === 'Grant' || name === 'Session') && expiresAt ? { exp: Math.floor(expiresAt.getTime() / 1000) } : {}),
      ...secretsOf(name, found),
    };
  }

  /** Those of a document in memory are decrypted once. */
  function secretsOf(name: ModelName, found: StoredModel): AdapterPayload {
    if (!found.encrypted) return {};
    const known = decrypted.get(found);
    if (known) return known;
    const secrets = JSON.parse(encryption.decrypt(purposeOf(name, found._id), found.encrypted)) as AdapterPayload;
    decrypted.set(found, secrets);
    return secrets;
  }

  return { toStored, toPayload };
}

/** Whose an interaction is: of the user who has given a proof in it, or in whose session it was begun. */
function ownerOf({ session, result }: AdapterPayload): Pick<StoredModel, 'accountId' | 'uid' | 'proofMark'> {
  const login = loginOf(result);
  const accountId = login?.accountId ?? session?.accountId;
  return {
    ...(accountId ? { accountId } : {}),
    ...(session?.uid ? { uid: session.uid } : {}),
    ...(login ? { proofMark: login.proofMark ?? 0 } : {}),
  };
}

function scopesOf({ openid }: AdapterPayload): string[] {
  const { scope } = (openid ?? {}) as { scope?: string };
  return scope?.split(' ') ?? [];
}

function pickStrings(payload: AdapterPayload, names: string[]): Record<string, string> {
  return Object.fromEntries(
    names.flatMap((name) => (typeof payload[name] === 'string' ? [[name, payload[name]]] : [])),
  );
}
