import { isDeepStrictEqual } from 'node:util';
import type { Actor } from '../../platform/actor.ts';
import type { Clock } from '../../platform/clock.ts';
import type { Encryption } from '../../platform/encryption.ts';
import type { Transact } from '../../platform/transaction.ts';
import type { Audit } from '../audit/audit.ts';
import { parseName, assertUsableUris, type UriRules } from './application-rules.ts';
import type { Application, ClientMetadata } from './application.ts';
import type { ApplicationStore } from './application-store.ts';
import { decryptSecret, fromClientMetadata } from './client-metadata.ts';
import type { Reserved } from './reserved.ts';

/** Dynamic client registration may write applications, but grants no scope. */
const registrar: Actor = {
  kind: 'service',
  id: 'registration',
  name: 'Dynamic registration',
  scopes: new Set(['applications:write']),
};

export interface SelfRegistrationOptions {
  store: Pick<ApplicationStore, 'find' | 'putRegistered'>;
  cache: { forget(id: string): void };
  audit: Audit;
  transact: Transact;
  encryption: Encryption;
  now: Clock;
  reserved: Reserved;
  uriRules: UriRules;
  /** Whether an actor may make this of that; `undefined` is no application. @throws InsufficientScope */
  assertMayWrite(actor: Actor, before: Application | undefined, after: Application | undefined): void;
  /** @throws ApplicationNotFound, InsufficientScope */
  remove(actor: Actor, id: string): Promise<void>;
}

/** Applications that register themselves (RFC 7591, 7592). */
export function createSelfRegistration(options: SelfRegistrationOptions) {
  const { store, cache, audit, transact, encryption, now, reserved, uriRules, assertMayWrite, remove } = options;

  /**
   * Keeps what dynamic registration made or changed, by the API's rules for names and addresses. What an administrator
   * decided about an application (consent, scopes, description) is not the application's to change, and with scopes nothing
   * of it is. @throws InvalidApplication, InsufficientScope
   */
  async function register({ client_name: name, ...metadata }: ClientMetadata): Promise<void> {
    assertUsableUris(metadata, uriRules);
    const named = name === undefined ? {} : { client_name: parseName(reserved, name, 'client_name') };
    const made = fromClientMetadata(encryption, { ...metadata, ...named }, now());
    const work = async () => {
      const before = await store.find(made.id);
      if (before) assertMayWrite(registrar, before, { ...made, adminScopes: before.adminScopes });
      if (before && isSame(before, made)) return;
      const outcome = await store.putRegistered(made);
      await audit.record(
        registrar,
        outcome === 'inserted' ? 'application.registered' : 'application.updated',
        target(made),
      );
    };
    await transact(work, () => cache.forget(made.id));
  }

  /** As far as it is the application's to say. A secret is encrypted again each time. */
  function isSame(before: Application, made: Application): boolean {
    const own = (application: Application) => {
      const { name, type, metadata } = application;
      return { name, type, metadata, secret: decryptSecret(encryption, application) };
    };
    return isDeepStrictEqual(own(before), own(made));
  }

  /** Removes what dynamic registration made, when its owner deletes it (RFC 7592, section 2.3). */
  const forgetRegistered = (id: string): Promise<void> => remove(registrar, id);

  return { register, forgetRegistered };
}

const target = ({ id, name }: Application) => ({ kind: 'application', id, name });
