import { isDeepStrictEqual } from 'node:util';
import { isSameSet } from '../../platform/changes.ts';
import {
  InvalidApplication,
  URI_FIELDS,
  URI_LIST_FIELDS,
  type Application,
  type ApplicationChange,
  type ApplicationType,
  type NewApplication,
} from './application.ts';
import { DEFAULT_CLAIM_POLICY } from './claim-policy.ts';
import { defaultMetadata } from './client-metadata.ts';
import { presentProtocol, protocolOf } from './protocol-fields.ts';
import { demandsOfProfile } from './security-profile.ts';

/** A new application, without its secret. @throws InvalidApplication */
export function draftOf(wanted: NewApplication, id: string, at: Date): Application {
  return {
    id,
    name: wanted.name,
    description: wanted.description,
    type: wanted.type,
    metadata: metadataWith(wanted.type, defaultMetadata(wanted.type), wanted),
    adminScopes: wanted.scopes,
    skipConsent: wanted.skip_consent,
    requirePkce: wanted.require_pkce,
    requiresSecondFactor: wanted.requires_second_factor,
    claimPolicy: DEFAULT_CLAIM_POLICY,
    createdAt: at,
    updatedAt: at,
  };
}

/** An application after a change. @throws InvalidApplication */
export function changedBy(change: ApplicationChange, before: Application): Application {
  const isSameScopes = !change.scopes || isSameSet(change.scopes, before.adminScopes);
  return {
    ...before,
    name: change.name ?? before.name,
    description: change.description ?? before.description,
    metadata: metadataWith(before.type, before.metadata, change),
    adminScopes: isSameScopes ? before.adminScopes : change.scopes!,
    skipConsent: change.skip_consent ?? before.skipConsent,
    requirePkce: change.require_pkce ?? before.requirePkce,
    requiresSecondFactor: change.requires_second_factor ?? before.requiresSecondFactor,
  };
}

/** Metadata with what is given of them; null takes a field back to the default of the type. */
function metadataWith(
  type: ApplicationType,
  before: Application['metadata'],
  given: NewApplication | ApplicationChange,
): Application['metadata'] {
  const defaults = defaultMetadata(type);
  // What applies already, as a default or not, changes nothing; but what contradicts a new profile is said.
  const present = new Map<string, unknown>(Object.entries(presentProtocol(before)));
  const protocol = Object.entries(protocolOf(given)).filter(
    ([name, value]) => given.security_profile || !isDeepStrictEqual(value, present.get(name)),
  );
  const changes = [...Object.entries(addressesOf(given)), ...protocol];
  const metadata = { ...before };
  for (const [name, value] of changes) {
    const applied = value ?? defaults[name];
    if (applied === undefined) delete metadata[name];
    else metadata[name] = applied;
  }
  // A profile sets it and no field of ours shows it.
  if (given.security_profile === null) delete metadata['response_modes'];
  if (given.backchannel_token_delivery_mode !== undefined) metadata['grant_types'] = grantTypesOf(metadata);
  const { set, faults } = demandsOfProfile(metadata);
  if (faults.length > 0) throw InvalidApplication({ faults });
  return { ...metadata, ...set };
}

const CIBA = 'urn:openid:params:grant-type:ciba';

/** An application may use CIBA when, and only when, it is said how it hears of the answer. */
function grantTypesOf(metadata: Application['metadata']): string[] {
  const others = ((metadata['grant_types'] ?? []) as string[]).filter((type) => type !== CIBA);
  return metadata['backchannel_token_delivery_mode'] ? [...others, CIBA] : others;
}

function addressesOf(given: ApplicationChange | NewApplication): Record<string, unknown> {
  const set = [...URI_LIST_FIELDS, ...URI_FIELDS].filter((name) => given[name] !== undefined);
  return Object.fromEntries(set.map((name) => [name, given[name]]));
}
