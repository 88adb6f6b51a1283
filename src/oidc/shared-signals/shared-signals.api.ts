import { z } from 'zod';
import { unixSeconds } from '../../platform/clock.ts';
import { anywhere } from '../../platform/http/authorization.ts';
import { endpoint, noContent, pageOf, pageQuery, presentPage, type Endpoint } from '../../platform/http/endpoint.ts';
import { defineError } from '../../platform/errors.ts';
import { idShape } from '../../platform/ids.ts';
import { BadCursor, toPageRequest } from '../../platform/paging.ts';
import { onApplication } from '../../directory/authorization.ts';
import { ApplicationNotFound, clientIdShape, type Application } from '../../directory/applications/application.ts';
import type { EventRecord, EventStore } from './security-event.ts';
import { STREAM_STATUS, type Stream, type StreamStore } from './stream.ts';
import type { Streams } from './streams.ts';

export const StreamNotFound = defineError('missing', 'stream_not_found', 'This application does not have this stream.');

const params = z.strictObject({ client_id: clientIdShape });
const tag = 'Applications';
const path = '/v1/applications/{client_id}/signals/streams';
const time = z.number().int().nullable();

const streamReply = z
  .strictObject({
    stream_id: idShape,
    status: z.enum(STREAM_STATUS),
    method: z.enum(['push', 'poll']),
    endpoint_url: z.string().nullable(),
    description: z.string().nullable(),
    events_requested: z.array(z.string()),
    created_at: z.number().int(),
    pending: z.number().int().meta({ description: 'Events that were not delivered yet.' }),
    last_success_at: time,
    last_failure_at: time,
    last_failure: z
      .string()
      .nullable()
      .meta({ description: 'Why the last push failed, unless one has succeeded since.' }),
  })
  .meta({ id: 'EventStream' });

export const listStreams = endpoint({
  method: 'get',
  path,
  summary: 'List the event streams of an application',
  description: 'The application creates them itself, at `/ssf/stream` (OpenID Shared Signals Framework 1.0).',
  tag,
  scope: 'applications:read',
  authorize: anywhere,
  params,
  status: 200,
  reply: z.strictObject({ result: z.array(streamReply) }),
  errors: [ApplicationNotFound],
});

export const deleteStream = endpoint({
  method: 'delete',
  path: `${path}/{stream_id}`,
  summary: 'Delete an event stream',
  description: 'Events that were not delivered are deleted too.',
  tag,
  scope: 'applications:write',
  authorize: onApplication,
  params: params.extend({ stream_id: idShape }),
  status: 204,
  reply: noContent,
  errors: [ApplicationNotFound, StreamNotFound],
});

const eventReply = z
  .strictObject({
    jti: idShape,
    stream_id: idShape,
    event: z.string().meta({ description: 'URI of the event.' }),
    created_at: z.number().int(),
    delivered_at: time,
    refusal: z.string().nullable().meta({ description: 'Why the receiver did not accept it.' }),
  })
  .meta({ id: 'SecurityEvent' });

export const listSecurityEvents = endpoint({
  method: 'get',
  path: '/v1/applications/{client_id}/signals/events',
  summary: 'List the security events for an application',
  description: 'Newest first. Delivered events are kept for 7 days.',
  tag,
  scope: 'applications:read',
  authorize: anywhere,
  params,
  query: z.strictObject(pageQuery),
  status: 200,
  reply: pageOf(eventReply),
  errors: [ApplicationNotFound, BadCursor],
});

export interface SignalEndpointsOptions {
  /** @throws ApplicationNotFound */
  getApplication(id: string): Promise<Application>;
  store: Pick<StreamStore, 'ofApplications'>;
  streams: Pick<Streams, 'removeStream'>;
  events: Pick<EventStore, 'countPending' | 'recent'>;
}

export function signalEndpoints({ getApplication, store, streams, events }: SignalEndpointsOptions): Endpoint[] {
  async function streamsOf(clientId: string): Promise<Stream[]> {
    await getApplication(clientId);
    return store.ofApplications([clientId]);
  }

  return [
    listStreams.handledBy(async ({ params: { client_id: id } }) => {
      const found = await streamsOf(id);
      const counts = await Promise.all(found.map((stream) => events.countPending(stream.id)));
      return { result: found.map((stream, index) => presentStream(stream, counts[index]!)) };
    }),
    deleteStream.handledBy(async ({ params: { client_id: id, stream_id: streamId } }) => {
      const found = (await streamsOf(id)).find((stream) => stream.id === streamId);
      if (!found) throw StreamNotFound();
      await streams.removeStream(streamId);
    }),
    listSecurityEvents.handledBy(async ({ params: { client_id: id }, query }) => {
      const ids = (await streamsOf(id)).map((stream) => stream.id);
      return presentPage(await events.recent(ids, toPageRequest('security-events', query)), presentEvent);
    }),
  ];
}

const secondsOrNull = (time: Date | undefined) => (time ? unixSeconds(time) : null);

const presentEvent = (event: EventRecord): z.input<typeof eventReply> => ({
  jti: event.id,
  stream_id: event.streamId,
  event: event.type,
  created_at: unixSeconds(event.createdAt),
  delivered_at: secondsOrNull(event.deliveredAt),
  refusal: event.refusal ?? null,
});

function presentStream(stream: Stream, pending: number): z.input<typeof streamReply> {
  const { id, status, push, description, requested, createdAt, lastSuccessAt, lastFailure } = stream;
  return {
    stream_id: id,
    status,
    method: push ? 'push' : 'poll',
    endpoint_url: push?.url ?? null,
    description: description ?? null,
    events_requested: requested,
    created_at: unixSeconds(createdAt),
    pending,
    last_success_at: secondsOrNull(lastSuccessAt),
    last_failure_at: secondsOrNull(lastFailure?.at),
    last_failure: lastFailure?.detail ?? null,
  };
}
