/**
 * Owns the Shared Signals transmitter (SSF 1.0): the event streams of applications, events on their way, and their delivery.
 * Must not touch: what happened. The module that ends or changes something posts signals in the same transaction.
 */
import type { Module, Platform } from '../../directory/module.ts';
import type { Applications } from '../../directory/applications/applications.ts';
import type { Users } from '../../directory/users/users.ts';
import type { Id } from '../../platform/ids.ts';
import { createSsrfSafeFetch, mayCallPrivateNetworks } from '../../platform/ssrf-safe-fetch.ts';
import type { Keys } from '../keys/keys.ts';
import { createRecentKeys } from '../keys/recent-keys.ts';
import { createAuthenticateReceiver } from './authenticate-receiver.ts';
import { createSignEvent } from './event-token.ts';
import { createEventStore } from './events.mongo.ts';
import { createFindSubject } from './find-subject.ts';
import type { KnownUserStore } from './known-user.ts';
import { createKnownUserStore } from './known-users.mongo.ts';
import { createPoll } from './poll.ts';
import { createPushDelivery } from './push-delivery.ts';
import { signalEndpoints } from './shared-signals.api.ts';
import { createPostSignals, type PostSignals } from './signals.ts';
import { createStreamStore } from './streams.mongo.ts';
import { createStreams } from './streams.ts';
import { transmitterConfiguration } from './transmitter-configuration.ts';
import { transmitterRoutes } from './transmitter.ts';

export interface SharedSignalsModuleOptions {
  applications: Pick<Applications, 'find' | 'cached' | 'get'>;
  users: Pick<Users, 'findByUsername'>;
  keys: Pick<Keys, 'current'>;
}

export interface SharedSignals {
  postSignals: PostSignals;
  /** Kept right by `claim-changes/`. */
  knownUsers: KnownUserStore;
  /** Joins the caller's transaction. */
  forgetUser(userId: Id): Promise<void>;
}

export function createSharedSignalsModule(
  { config, connection, encryption, newId, now, log, metrics }: Platform,
  { applications, users, keys }: SharedSignalsModuleOptions,
): { service: SharedSignals; module: Module } {
  const { issuer } = config;
  const keySet = createRecentKeys(keys.current);
  const store = createStreamStore(connection);
  const events = createEventStore(connection);
  const knownUsers = createKnownUserStore(connection);
  const streams = createStreams({
    issuer,
    store,
    events,
    encryption,
    findSubject: createFindSubject({ issuer, knownUsers, users }),
    newId,
    now,
  });
  const sign = createSignEvent({ issuer, keySet });
  const delivery = createPushDelivery({
    streams: store,
    events,
    sign,
    mayReceive: async (clientId) => (await applications.find(clientId))?.signals?.shared === true,
    authorizationOf: streams.authorizationOf,
    fetch: createSsrfSafeFetch({ allowPrivate: mayCallPrivateNetworks(config) }),
    now,
    log,
    count: (outcome) => metrics.securityEvents.inc({ outcome }),
  });
  const postSignals = createPostSignals({
    issuer,
    streams: store,
    events,
    applicationsByIds: applications.cached,
    keySet,
    newId,
  });
  const configuration = transmitterConfiguration(issuer);
  return {
    service: {
      postSignals,
      knownUsers,
      async forgetUser(userId) {
        await knownUsers.removeOfUser(userId);
        await store.unmuteUser(userId);
      },
    },
    module: {
      name: 'shared-signals',
      endpoints: signalEndpoints({ getApplication: applications.get, store, streams, events }),
      documents: { '/.well-known/ssf-configuration': () => configuration },
      routes: (onDefect) => [
        transmitterRoutes({
          streams,
          poll: createPoll({ events, sign, now }),
          authenticate: createAuthenticateReceiver({
            issuer,
            keySet: keys.current,
            findApplication: applications.find,
          }),
          onDefect,
        }),
      ],
      tasks: [{ name: 'push-security-events', everySeconds: 1, onEveryNode: true, run: delivery.deliverDue }],
      async onDelete({ kind, id }) {
        if (kind !== 'application') return;
        for (const stream of await store.ofApplications([id])) await streams.removeStream(stream.id);
      },
    },
  };
}
