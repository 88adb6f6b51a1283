import { isDeepStrictEqual } from 'node:util';
import { onceForEach } from '../../platform/once-for-each.ts';
import type { Actor } from '../../platform/actor.ts';
import { changedFields } from '../../platform/changes.ts';
import type { Encryption } from '../../platform/encryption.ts';
import type { Clock } from '../../platform/clock.ts';
import type { NewId } from '../../platform/ids.ts';
import type { WatchedCache } from '../../platform/db/watched-cache.mongo.ts';
import type { Ref } from '../../platform/impact.ts';
import type { Page, PageRequest } from '../../platform/paging.ts';
import type { Transact } from '../../platform/transaction.ts';
import type { AuditAction } from '../audit/audit-action.ts';
import type { Audit } from '../audit/audit.ts';
import { assertWorkable, faultOfMetadata, parseName, type UriRules } from './application-rules.ts';
import type { ApplicationCriteria } from './application-search.ts';
import {
  ApplicationNotFound,
  ClientIdTaken,
  InvalidApplication,
  presentApplication,
  UnknownScope,
  type Application,
  type ApplicationChange,
  type ClientMetadata,
  type NewApplication,
} from './application.ts';
import type { ApplicationStore } from './application-store.ts';
import { changedBy, draftOf } from './application-draft.ts';
import { toClientMetadata } from './client-metadata.ts';
import { createClientSecrets } from './client-secrets.ts';
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
  /** Why the provider would not take this as a client. */
  faultOfClient(metadata: ClientMetadata): string | undefined;
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
  const { adminScopes, assertMayWrite, faultOfClient, onDelete } = options;
  const secrets = createClientSecrets({ encryption, newSecret, now });
  const { withFittingSecret } = secrets;

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
    const application = withFittingSecret(draftOf(wanted, wanted.client_id ?? newId(), now()), secret);
    assertUsable(application);
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
    return rewrite(actor, id, 'application.updated', (before) => {
      // A name from before the rule stays.
      if (change.name !== undefined && change.name !== before.name) parseName(reserved, change.name, 'name');
      return withFittingSecret(changedBy(change, before));
    });
  }

  /**
   * The old secret stops working at once, or is accepted for some seconds more.
   * @throws ApplicationNotFound, NoSecret, InsufficientScope
   */
  async function rotateSecret(actor: Actor, id: string, previousValidSeconds = 0): Promise<WithSecret> {
    const secret = newSecret();
    const rotated = (before: Application) => secrets.rotate(before, secret, previousValidSeconds);
    return { application: await rewrite(actor, id, 'application.secret_rotated', rotated), secret };
  }

  /** The secret before, as long as it is accepted. */
  async function previousSecret(id: string): Promise<string | undefined> {
    const application = await find(id);
    return application && secrets.previousOf(application);
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
  const metadataOf = onceForEach((application: Application): Readonly<ClientMetadata> =>
    Object.freeze(toClientMetadata(encryption, application)),
  );

  /** The protocol's view of an application, the same object until the application changes; undefined when there is none. */
  async function clientMetadata(id: string): Promise<Readonly<ClientMetadata> | undefined> {
    const application = await find(id);
    return application && metadataOf(application);
  }

  async function rewrite(
    actor: Actor,
    id: string,
    action: AuditAction,
    change: (before: Application) => Application,
  ): Promise<Application> {
    const work = async () => {
      const before = await get(id);
      const wanted = change(before);
      const changed = { ...wanted, updatedAt: now() };
      assertMayWrite(actor, before, changed);
      assertUsable(changed, before);
      if (isDeepStrictEqual(wanted, before)) return before;
      if (!(await store.replace(changed))) throw ApplicationNotFound();
      const fields = changedFields(presentApplication(wanted), presentApplication(before));
      await audit.record(actor, action, target(changed), fields.length > 0 ? { fields } : {});
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

  /** @throws InvalidApplication */
  function assertUsable(application: Application, before?: Application): void {
    assertWorkable(application, uriRules, before);
    const fault = faultOfClient(toClientMetadata(encryption, application));
    if (fault) throw InvalidApplication({ faults: [faultOfMetadata(fault)] });
  }

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
    previousSecret,
    remove,
    clientMetadata,
    register,
    forgetRegistered,
  };
}

const clientIdTaken = () =>
  ClientIdTaken({ faults: [{ pointer: '#/client_id', detail: 'belongs to another application' }] });

const target = ({ id, name }: Application) => ({ kind: 'application', id, name });
