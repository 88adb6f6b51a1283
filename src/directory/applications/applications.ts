import type { Actor } from '../../platform/actor.ts';
import type { Encryption } from '../../platform/encryption.ts';
import type { Clock } from '../../platform/clock.ts';
import type { NewId } from '../../platform/ids.ts';
import type { WatchedCache } from '../../platform/db/watched-cache.mongo.ts';
import type { Ref } from '../../platform/impact.ts';
import type { Page, PageRequest } from '../../platform/paging.ts';
import type { Transact } from '../../platform/transaction.ts';
import type { AuditAction } from '../audit/audit-action.ts';
import type { Audit } from '../audit/audit.ts';
import { parseName, assertWorkable, type UriRules } from './application-rules.ts';
import type { ApplicationCriteria } from './application-search.ts';
import {
  ApplicationNotFound,
  ClientIdTaken,
  NoSecret,
  UnknownScope,
  URI_FIELDS,
  URI_LIST_FIELDS,
  type Application,
  type ApplicationChange,
  type ClientMetadata,
  type NewApplication,
} from './application.ts';
import type { ApplicationStore } from './application-store.ts';
import { DEFAULT_CLAIM_POLICY } from './claim-policy.ts';
import { defaultMetadata, hasSecret, encryptSecret, toClientMetadata } from './client-metadata.ts';
import type { Reserved } from './reserved.ts';
import { createSelfRegistration } from './self-registration.ts';

export interface ApplicationsOptions {
  store: ApplicationStore;
  /** The applications that this process knows. */
  cache: Pick<WatchedCache<Application>, 'get' | 'getMany' | 'forget'>;
  audit: Audit;
  transact: Transact;
  encryption: Encryption;
  newId: NewId;
  newSecret(): string;
  now: Clock;
  /** Cohort's own, which are not in the store. */
  firstParty: ReadonlyMap<string, Application>;
  reserved: Reserved;
  uriRules: UriRules;
  /** Every scope of the admin API. */
  adminScopes(): string[];
  /** Whether an actor may make this of that; `undefined` is no application. @throws InsufficientScope */
  assertMayWrite(actor: Actor, before: Application | undefined, after: Application | undefined): void;
  /** Deletes what all modules keep about something; runs in the transaction that deletes it. */
  onDelete(ref: Ref): Promise<void>;
}

/** An application together with the secret that is shown only once. */
export interface WithSecret {
  application: Application;
  secret: string | null;
}

export type Applications = ReturnType<typeof createApplications>;

export function createApplications(options: ApplicationsOptions) {
  const { store, cache, audit, transact, encryption, newId, newSecret, now, firstParty, reserved, uriRules } = options;
  const { adminScopes, assertMayWrite, onDelete } = options;

  const find = async (id: string): Promise<Application | undefined> => firstParty.get(id) ?? cache.get(id);

  /**
   * `secret` chooses the secret instead of making one up.
   * @throws ClientIdTaken, UnknownScope, InvalidApplication, InsufficientScope
   */
  async function create(actor: Actor, wanted: NewApplication, secret = newSecret()): Promise<WithSecret> {
    const application = draft(wanted, secret);
    const { id } = application;
    const work = async () => {
      assertMayWrite(actor, undefined, application);
      if (reserved.isId(id) || (await store.insert(application)) === 'duplicate') throw clientIdTaken();
      await audit.record(actor, 'application.created', target(application), { type: application.type });
    };
    await transact(work, () => cache.forget(id));
    return { application, secret: application.encryptedSecret ? secret : null };
  }

  /** Refuses what `create` would, and creates nothing. @throws ClientIdTaken, UnknownScope, InvalidApplication */
  async function check(wanted: NewApplication): Promise<void> {
    const { id } = draft(wanted, newSecret());
    if (reserved.isId(id) || (await store.find(id))) throw clientIdTaken();
  }

  function draft(wanted: NewApplication, secret: string): Application {
    assertKnownScopes(wanted.scopes);
    parseName(reserved, wanted.name, 'name');
    const id = wanted.client_id ?? newId();
    const at = now();
    const application: Application = {
      id,
      name: wanted.name,
      description: wanted.description,
      type: wanted.type,
      metadata: { ...defaultMetadata(wanted.type), ...addressesOf(wanted) },
      ...(hasSecret(wanted.type) ? { encryptedSecret: encryptSecret(encryption, id, secret) } : {}),
      adminScopes: wanted.scopes,
      skipConsent: wanted.skip_consent,
      requirePkce: wanted.require_pkce,
      requiresSecondFactor: wanted.requires_second_factor,
      claimPolicy: DEFAULT_CLAIM_POLICY,
      createdAt: at,
      updatedAt: at,
    };
    assertWorkable(application, uriRules);
    return application;
  }

  /** @throws ApplicationNotFound */
  async function get(id: string): Promise<Application> {
    const application = await store.find(id);
    if (!application) throw ApplicationNotFound();
    return application;
  }

  const search = (criteria: ApplicationCriteria, page: PageRequest): Promise<Page<Application>> =>
    store.search(criteria, page);

  /** @throws ApplicationNotFound, UnknownScope, InvalidApplication, InsufficientScope */
  async function update(actor: Actor, id: string, change: ApplicationChange): Promise<Application> {
    assertKnownScopes(change.scopes ?? []);
    return rewrite(actor, id, 'application.updated', { fields: Object.keys(change) }, (before) => {
      // A name from before the rule stays.
      if (change.name !== undefined && change.name !== before.name) parseName(reserved, change.name, 'name');
      return {
        ...before,
        name: change.name ?? before.name,
        description: change.description ?? before.description,
        metadata: withoutNulls({ ...before.metadata, ...addressesOf(change) }),
        adminScopes: change.scopes ?? before.adminScopes,
        skipConsent: change.skip_consent ?? before.skipConsent,
        requirePkce: change.require_pkce ?? before.requirePkce,
        requiresSecondFactor: change.requires_second_factor ?? before.requiresSecondFactor,
      };
    });
  }

  /** The old secret stops working at once. @throws ApplicationNotFound, NoSecret, InsufficientScope */
  async function rotateSecret(actor: Actor, id: string): Promise<WithSecret> {
    const secret = newSecret();
    const application = await rewrite(actor, id, 'application.secret_rotated', {}, (before) => {
      if (!before.encryptedSecret) throw NoSecret();
      return { ...before, encryptedSecret: encryptSecret(encryption, id, secret) };
    });
    return { application, secret };
  }

  /** Its sessions, grants and tokens go with it. @throws ApplicationNotFound, InsufficientScope */
  async function remove(actor: Actor, id: string): Promise<void> {
    const work = async () => {
      const application = await store.remove(id);
      if (!application) throw ApplicationNotFound();
      assertMayWrite(actor, application, undefined);
      await onDelete({ kind: 'application', id });
      await audit.record(actor, 'application.deleted', target(application));
    };
    await transact(work, () => cache.forget(id));
  }

  // The cache gives the same object until the application changes, so its secret is opened once and not at every request.
  const opened = new WeakMap<Application, ClientMetadata>();

  /** The protocol's view of an application, or undefined when there is none. */
  async function clientMetadata(id: string): Promise<ClientMetadata | undefined> {
    const application = await find(id);
    if (!application) return undefined;
    const known = opened.get(application) ?? toClientMetadata(encryption, application);
    opened.set(application, known);
    return { ...known };
  }

  async function rewrite(
    actor: Actor,
    id: string,
    action: AuditAction,
    details: Record<string, unknown>,
    change: (before: Application) => Application,
  ): Promise<Application> {
    const work = async () => {
      const before = await get(id);
      const changed = { ...change(before), updatedAt: now() };
      assertMayWrite(actor, before, changed);
      assertWorkable(changed, uriRules, before);
      if (!(await store.replace(changed))) throw ApplicationNotFound();
      await audit.record(actor, action, target(changed), details);
      return changed;
    };
    return transact(work, () => cache.forget(id));
  }

  const { register, forgetRegistered } = createSelfRegistration({
    store,
    cache,
    audit,
    transact,
    encryption,
    now,
    reserved,
    uriRules,
    assertMayWrite,
    remove,
  });

  function assertKnownScopes(scopes: string[]): void {
    const known = new Set(adminScopes());
    const faults = scopes.flatMap((scope, index) =>
      known.has(scope) ? [] : [{ pointer: `#/scopes/${index}`, detail: 'is not a scope of the admin API' }],
    );
    if (faults.length > 0) throw UnknownScope({ faults });
  }

  return {
    create,
    check,
    get,
    find,
    findStored: store.find,
    cached: cache.getMany,
    forget: cache.forget,
    withGroup: store.withGroup,
    withLogos: store.withLogos,
    reserved,
    uriRules,
    search,
    update,
    rotateSecret,
    remove,
    clientMetadata,
    register,
    forgetRegistered,
  };
}

const clientIdTaken = () =>
  ClientIdTaken({ faults: [{ pointer: '#/client_id', detail: 'belongs to another application' }] });

const withoutNulls = (metadata: Record<string, unknown>) =>
  Object.fromEntries(Object.entries(metadata).filter(([, value]) => value !== null));

function addressesOf(given: ApplicationChange | NewApplication): Record<string, unknown> {
  const set = [...URI_LIST_FIELDS, ...URI_FIELDS].filter((name) => given[name] !== undefined);
  return Object.fromEntries(set.map((name) => [name, given[name]]));
}

const target = ({ id, name }: Application) => ({ kind: 'application', id, name });
