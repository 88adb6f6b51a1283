import type { Application } from '../../directory/applications/application.ts';
import { unixSeconds } from '../../platform/clock.ts';
import type { NewId } from '../../platform/ids.ts';
import type { KeySet } from '../keys/keys.ts';
import { subjectFor } from '../claims/pairwise-subject.ts';
import { USER_EVENTS, type EventContent, type EventStore, type Signal, type SubjectId } from './security-event.ts';
import type { Stream, StreamStore } from './stream.ts';

export interface SignalsOptions {
  issuer: string;
  streams: Pick<StreamStore, 'ofApplications' | 'mutedIn'>;
  events: Pick<EventStore, 'put'>;
  applicationsByIds(ids: string[]): Promise<Application[]>;
  keySet(): Promise<Pick<KeySet, 'pairwiseSalt'>>;
  newId: NewId;
}

/**
 * Writes an event for each stream that wants it, in the transaction of what happened: a receiver is not told of what is
 * rolled back, and is told of the rest even if this node fails right after it.
 */
export type PostSignals = (signals: Signal[]) => Promise<void>;

export function createPostSignals(options: SignalsOptions): PostSignals {
  const { issuer, streams, events, applicationsByIds, keySet, newId } = options;

  return async (signals) => {
    if (signals.length === 0) return;
    const named = await applicationsByIds([...new Set(signals.map(({ clientId }) => clientId))]);
    const receivers = new Map(named.filter((each) => each.signals?.shared).map((each) => [each.id, each]));
    const heard = signals.filter(({ clientId }) => receivers.has(clientId));
    if (heard.length === 0) return;
    const all = (await streams.ofApplications([...receivers.keys()])).filter(({ status }) => status !== 'disabled');
    const muted = await mutedAmong(all, heard);
    const keys = await keySet();
    const written = heard.flatMap((signal) =>
      all
        .filter((stream) => wants(stream, signal) && !muted.has(`${stream.id} ${signal.userId}`))
        .map(({ id: streamId }) => {
          const sub = subjectFor(keys, signal.userId, receivers.get(signal.clientId)!);
          return {
            id: newId(),
            streamId,
            content: contentOf(signal, { format: 'iss_sub', iss: issuer, sub }),
            at: signal.at,
          };
        }),
    );
    await events.put(written);
  };

  async function mutedAmong(all: Stream[], heard: Signal[]): Promise<Set<string>> {
    if (all.length === 0) return new Set();
    const userIds = [...new Set(heard.map(({ userId }) => userId))];
    const muted = await streams.mutedIn(
      all.map(({ id }) => id),
      userIds,
    );
    return new Set(muted.map(({ streamId, userId }) => `${streamId} ${userId}`));
  }
}

const wants = ({ clientId, requested }: Stream, signal: Signal): boolean =>
  clientId === signal.clientId && requested.includes(USER_EVENTS[signal.event]);

function contentOf({ event, details = {}, sid, at, txn }: Signal, user: SubjectId): EventContent {
  const subject: SubjectId = sid ? { format: 'complex', user, session: { format: 'opaque', id: sid } } : user;
  const time = unixSeconds(at);
  return { subject, type: USER_EVENTS[event], details: { event_timestamp: time, ...details }, iat: time, txn };
}
