import { presentAccessRule, toAccessRule } from '../../directory/applications/access-rule.ts';
import { isDeepStrictEqual } from 'node:util';
import type { Policy } from '../admin-roles/policy.ts';
import type { Actor } from '../../platform/actor.ts';
import type { Encryption } from '../../platform/encryption.ts';
import type { Clock } from '../../platform/clock.ts';
import type { Id } from '../../platform/ids.ts';
import type { Group } from '../../directory/groups/group.ts';
import {
  parseName,
  assertUsableUris,
  assertWorkable,
  type UriRules,
} from '../../directory/applications/application-rules.ts';
import {
  presentApplication,
  URI_FIELDS,
  URI_LIST_FIELDS,
  type Application,
  type ClientMetadata,
} from '../../directory/applications/application.ts';
import { DEFAULT_CLAIM_POLICY, presentClaimPolicy, toClaimPolicy } from '../../directory/applications/claim-policy.ts';
import {
  defaultMetadata,
  decryptPreviousSecret,
  decryptSecret,
  encryptSecret,
  toClientMetadata,
  usesSecret,
} from '../../directory/applications/client-metadata.ts';
import { assertMayReceive } from '../../directory/applications/application-signals.ts';
import { presentSignalSettings, toSignalSettings } from '../../directory/applications/signal-settings.ts';
import type { Reserved } from '../../directory/applications/reserved.ts';
import {
  applicationColumns,
  applicationRowShape,
  type ApplicationColumn,
  type ApplicationRow,
} from './application-row.ts';
import { faultsOfPolicy, refusalsOf } from './application-row-faults.ts';
import { faultsOfNeeds, ifChanged, type Kind, type Settled, type RecordStore } from './record-type.ts';
import type { RowFault } from './row.ts';

export interface ApplicationRowsOptions {
  store: RecordStore<Application>;
  groups: Pick<RecordStore<Group>, 'find'>;
  encryption: Encryption;
  newSecret(): string;
  now: Clock;
  /** Every scope of the admin API. */
  adminScopes(): string[];
  policy: Pick<Policy, 'writeApplication' | 'powersOfApplication'>;
  reserved: Reserved;
  uriRules: UriRules;
  /** Why an application with this metadata could not be used, by the rules of dynamic registration. */
  faultOfClient(metadata: ClientMetadata): string | undefined;
  /** Drops what this process remembers of an application. */
  forget(clientId: string): void;
}

/** What the rows of one batch share. */
interface Batch {
  actor: Actor;
  /** Of the groups that the rows name, those that are there. */
  groupIds: ReadonlySet<Id>;
}

export function applicationRows(options: ApplicationRowsOptions): Kind<ApplicationRow, Application> {
  const { store, groups, encryption, newSecret, now, adminScopes, policy, reserved, uriRules, faultOfClient, forget } =
    options;

  function settle(
    row: ApplicationRow,
    existing: Application | undefined,
    { actor, groupIds }: Batch,
  ): Settled<Application> {
    const thing = existing ? change(row, existing) : create(row);
    const faults = [
      ...faultsOfNeeds(actor, policy.writeApplication(existing, thing)),
      ...faultsOf(row, thing, existing),
      ...faultsOfPolicy(row, thing, groupIds),
    ];
    return faults.length > 0 ? { faults } : { thing };
  }

  function create(row: ApplicationRow): Application {
    const at = now();
    const { type = 'web' } = row;
    const metadata = withAddresses(row.metadata ?? { ...defaultMetadata(type), ...NO_ADDRESSES }, row);
    // Without the secret it once had, a new one that nobody knows: it is shown when it is rotated.
    const secret = row.client_secret ?? (usesSecret(metadata) ? newSecret() : undefined);
    return {
      id: row.client_id,
      name: row.name,
      description: row.description ?? '',
      type,
      metadata,
      ...(secret ? { encryptedSecret: encryptSecret(encryption, row.client_id, secret) } : {}),
      ...previousOf(row),
      adminScopes: row.scopes ?? [],
      skipConsent: row.skip_consent ?? false,
      requirePkce: row.require_pkce ?? false,
      requiresSecondFactor: row.requires_second_factor ?? false,
      claimPolicy: row.claim_policy ? toClaimPolicy(row.claim_policy) : DEFAULT_CLAIM_POLICY,
      ...(row.access ? { access: toAccessRule(row.access) } : {}),
      ...(row.signals ? { signals: toSignalSettings(row.signals) } : {}),
      createdAt: row.created_at ?? at,
      updatedAt: row.updated_at ?? at,
    };
  }

  /** A secret that is there stays: it may have been rotated since the file was written, because the old one was compromised. */
  function change(row: ApplicationRow, existing: Application): Application {
    const encrypted =
      !existing.encryptedSecret && row.client_secret && encryptSecret(encryption, existing.id, row.client_secret);
    const changed = {
      ...existing,
      name: row.name,
      description: row.description ?? existing.description,
      metadata: withAddresses(row.metadata ?? existing.metadata, row),
      ...(encrypted ? { encryptedSecret: encrypted } : {}),
      adminScopes: row.scopes ?? existing.adminScopes,
      skipConsent: row.skip_consent ?? existing.skipConsent,
      requirePkce: row.require_pkce ?? existing.requirePkce,
      requiresSecondFactor: row.requires_second_factor ?? existing.requiresSecondFactor,
      claimPolicy: row.claim_policy ? toClaimPolicy(row.claim_policy) : existing.claimPolicy,
      ...(row.access ? { access: toAccessRule(row.access) } : {}),
      ...(row.signals ? { signals: toSignalSettings(row.signals) } : {}),
    };
    return ifChanged(existing, changed, now());
  }

  function faultsOf(row: ApplicationRow, application: Application, existing: Application | undefined): RowFault[] {
    const known = new Set(adminScopes());
    const faults = (row.scopes ?? [])
      .filter((scope) => !known.has(scope))
      .map((scope) => ({ column: 'scopes', reason: `'${scope}' is not a scope of the admin API` }));
    if (existing && row.type && row.type !== existing.type)
      faults.push({ column: 'type', reason: `cannot be changed; the type of this application is ${existing.type}` });
    // A dynamically registered application may have no redirect URI, and is restored with all of its metadata.
    const unworkable = refusalsOf(() => assertWorkable(application, uriRules, existing)).filter(
      ({ column }) => !row.metadata || column === 'scopes',
    );
    const addresses = refusalsOf(() =>
      assertUsableUris({ ...application.metadata, client_id: application.id }, uriRules),
    );
    return [
      ...faults,
      ...faultsOfNames(application, existing),
      ...unworkable,
      ...faultsOfSignals(row, application),
      ...addresses,
      // What is said of an address already need not be said again of all metadata.
      ...(addresses.length > 0 ? [] : unusable(row, application)),
    ];
  }

  function faultsOfSignals({ signals }: ApplicationRow, application: Application): RowFault[] {
    if (!signals) return [];
    const refusals = refusalsOf(() => assertMayReceive(application, toSignalSettings(signals)));
    return refusals.map(({ reason }) => ({ column: 'signals', reason: `shared_signals ${reason}` }));
  }

  /** What is there from before the rules keeps its name. */
  function faultsOfNames({ id, name }: Application, existing: Application | undefined): RowFault[] {
    const isReserved = !existing && reserved.isId(id);
    return [
      ...(isReserved ? [{ column: 'client_id', reason: 'is reserved for Cohort' }] : []),
      ...(existing?.name === name ? [] : refusalsOf(() => parseName(reserved, name, 'name'))),
    ];
  }

  /** Metadata that the provider would refuse at the first sign-in; and a service signs nobody in by any grant. */
  function unusable({ metadata }: ApplicationRow, application: Application): RowFault[] {
    if (!metadata) return [];
    const column = 'metadata';
    const { grant_types: grants, response_types: responses } = metadata;
    const isForUsers = !isDeepStrictEqual(grants, ['client_credentials']) || !isDeepStrictEqual(responses ?? [], []);
    if (application.type === 'service' && isForUsers)
      return [{ column, reason: 'grant_types must be only client_credentials for a service, without response_types' }];
    const reason = faultOfClient(toClientMetadata(encryption, application));
    return reason ? [{ column, reason }] : [];
  }

  const previousOf = ({ client_id: id, previous_client_secret: previous }: ApplicationRow) =>
    previous && previous.expires_at > now()
      ? {
          previousSecret: {
            encrypted: encryptSecret(encryption, id, previous.client_secret),
            expiresAt: previous.expires_at,
          },
        }
      : {};

  function presentPrevious(application: Application) {
    const secret = decryptPreviousSecret(encryption, application, now());
    return secret && { client_secret: secret, expires_at: application.previousSecret!.expiresAt.toISOString() };
  }

  function present(application: Application, withSecrets: boolean): Record<ApplicationColumn, unknown> {
    return {
      ...presentApplication(application),
      client_secret: withSecrets ? decryptSecret(encryption, application) : undefined,
      previous_client_secret: withSecrets ? presentPrevious(application) : undefined,
      claim_policy: application.type === 'service' ? undefined : presentClaimPolicy(application.claimPolicy),
      access: application.access && presentAccessRule(application.access),
      signals: application.signals && presentSignalSettings(application.signals),
      metadata: application.metadata,
      created_at: application.createdAt.toISOString(),
      updated_at: application.updatedAt.toISOString(),
    };
  }

  return {
    columns: applicationColumns,
    secretColumns: ['client_secret', 'previous_client_secret'],
    shape: applicationRowShape,
    identify: (row) => ({ key: row.client_id }),
    identityOf: ({ id, name }) => ({ key: id, id, name }),
    store,
    powersOf: (application) => (application.encryptedSecret ? policy.powersOfApplication(application) : []),
    async plan(rows, { actor }) {
      const wanted = [
        ...new Set(rows.flatMap((row) => [...(row.claim_policy?.group_ids ?? []), ...(row.access?.group_ids ?? [])])),
      ];
      const known = new Set((wanted.length > 0 ? await groups.find([], wanted) : []).map(({ id }) => id));
      return {
        settle: (row, existing) => settle(row, existing, { actor, groupIds: known }),
        afterwards: ({ updated }) => updated.forEach(({ before }) => forget(before.id)),
      };
    },
    present: async (applications, withSecrets) => applications.map((one) => present(one, withSecrets)),
  };
}

const NO_ADDRESSES = { redirect_uris: [], post_logout_redirect_uris: [] };

/** An empty list where the metadata has none says nothing new, and stays out of what must come back as it was. */
function withAddresses(metadata: Application['metadata'], row: ApplicationRow): Application['metadata'] {
  const changed = { ...metadata };
  for (const name of [...URI_LIST_FIELDS, ...URI_FIELDS]) {
    const value = row[name];
    if (value === null) delete changed[name];
    else if (value !== undefined && (value.length > 0 || name in metadata)) changed[name] = value;
  }
  return changed;
}
