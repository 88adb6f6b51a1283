import type { Clock } from '../../platform/clock.ts';
import { unixSeconds } from '../../platform/clock.ts';
import type { Encryption } from '../../platform/encryption.ts';
import type { Id, NewId } from '../../platform/ids.ts';
import { TransmitterError } from './transmitter-error.ts';
import { POLL, PUSH, VERIFICATION_SECONDS } from './stream.ts';
import type { ChangedStream, NamedSubject, NewStream, Stream, StreamStatus, StreamStore } from './stream.ts';
import { USER_EVENTS, VERIFICATION, type EventStore } from './security-event.ts';
import { signalsAudience } from './receiver.ts';

/** A receiver needs one, or one for each of its environments. */
const MOST_STREAMS = 10;

export interface StreamsOptions {
  issuer: string;
  store: StreamStore;
  events: EventStore;
  encryption: Encryption;
  /** The user whom an application knows by this subject; undefined if there is none, or the application does not know them. */
  findSubject(clientId: string, subject: NamedSubject): Promise<Id | undefined>;
  newId: NewId;
  now: Clock;
}

export type Streams = ReturnType<typeof createStreams>;

/** The event streams of receivers (SSF 1.0, section 8.1). A receiver sees its own and no others. */
export function createStreams({ issuer, store, events, encryption, findSubject, newId, now }: StreamsOptions) {
  const purposeOf = (id: Id) => `event_stream:${id}`;

  /** @throws TransmitterError */
  async function get(clientId: string, id: Id): Promise<Stream> {
    const stream = await store.find(id);
    if (stream?.clientId !== clientId) throw new TransmitterError(404, 'not_found', 'there is no such stream');
    return stream;
  }

  const list = (clientId: string): Promise<Stream[]> => store.ofApplications([clientId]);

  /** @throws TransmitterError */
  async function create(clientId: string, wanted: NewStream): Promise<Stream> {
    if ((await list(clientId)).length >= MOST_STREAMS)
      throw new TransmitterError(409, 'conflict', `there are ${MOST_STREAMS} streams already`);
    const at = now();
    const id = newId();
    const stream: Stream = {
      id,
      clientId,
      status: 'enabled',
      createdAt: at,
      attempt: 0,
      dueAt: at,
      ...contentOf(id, wanted),
    };
    await store.insert(stream);
    return stream;
  }

  /** What is left out stays. @throws TransmitterError */
  async function update(clientId: string, { stream_id: id, ...change }: ChangedStream): Promise<Stream> {
    const before = await get(clientId, id);
    const { events_requested: requested, description } = change;
    const { push, ...rest } = before;
    const kept = change.delivery ? pushOf(id, change.delivery) : { push };
    const changed: Stream = {
      ...rest,
      ...kept,
      requested: requested ?? before.requested,
      description: description === undefined ? before.description : (description ?? undefined),
    };
    await store.replace(changed);
    return changed;
  }

  /** What is left out is reset. @throws TransmitterError */
  async function replace(clientId: string, id: Id, wanted: NewStream): Promise<Stream> {
    const { push: _push, description: _description, ...rest } = await get(clientId, id);
    const changed: Stream = { ...rest, ...contentOf(id, wanted) };
    await store.replace(changed);
    return changed;
  }

  /** With what has not been delivered. @throws TransmitterError */
  async function remove(clientId: string, id: Id): Promise<void> {
    await get(clientId, id);
    await removeStream(id);
  }

  async function removeStream(id: Id): Promise<void> {
    await store.remove(id);
    await events.removeOfStream(id);
  }

  /** @throws TransmitterError */
  async function setStatus(clientId: string, id: Id, status: StreamStatus, reason?: string): Promise<Stream> {
    const { reason: _reason, ...before } = await get(clientId, id);
    const changed: Stream = { ...before, status, ...(reason ? { reason } : {}), dueAt: now() };
    await store.replace(changed);
    if (status === 'disabled') await events.removeOfStream(id);
    return changed;
  }

  /** Sends an event that shows whether the stream works. @throws TransmitterError */
  async function verify(clientId: string, id: Id, state?: string): Promise<void> {
    await get(clientId, id);
    if (!(await store.noteVerification(id, now())))
      throw new TransmitterError(429, 'too_many_requests', `verify at most every ${VERIFICATION_SECONDS} seconds`);
    const at = now();
    const subject = { format: 'opaque', id } as const;
    const details = state === undefined ? {} : { state };
    const content = { subject, type: VERIFICATION, details, iat: unixSeconds(at), txn: newId() };
    await events.put([{ id: newId(), streamId: id, content, at }]);
  }

  /**
   * A receiver hears of all users who have signed in to the application, but for those that it takes out.
   * @throws TransmitterError
   */
  async function setSubject(clientId: string, id: Id, subject: NamedSubject, isWanted: boolean): Promise<void> {
    await get(clientId, id);
    const userId = await findSubject(clientId, subject);
    // Section 9.1: that a user is unknown is not said, or receivers could find out who has an account.
    if (userId) await store.setMuted(id, userId, !isWanted);
  }

  function contentOf(id: Id, { events_requested: requested, delivery, description }: NewStream) {
    return { requested, ...pushOf(id, delivery), ...(description ? { description } : {}) };
  }

  function pushOf(id: Id, delivery: NewStream['delivery']): Pick<Stream, 'push'> {
    if (delivery.method === POLL) return {};
    const { endpoint_url: url, authorization_header: header } = delivery;
    const authorization = header === undefined ? {} : { authorization: encryption.encrypt(purposeOf(id), header) };
    return { push: { url, ...authorization } };
  }

  /** The Authorization header of a push. */
  const authorizationOf = ({ id, push }: Stream): string | undefined =>
    push?.authorization && encryption.decrypt(purposeOf(id), push.authorization);

  /** As the receiver sees it (SSF 1.0, section 8.1.1). The Authorization header is never said again. */
  function present(stream: Stream): Record<string, unknown> {
    const supported = Object.values(USER_EVENTS);
    const { id, clientId, requested, push, description } = stream;
    return {
      stream_id: id,
      iss: issuer,
      aud: clientId,
      events_supported: supported,
      events_requested: requested,
      events_delivered: supported.filter((uri) => requested.includes(uri)),
      delivery: push
        ? { method: PUSH, endpoint_url: push.url }
        : { method: POLL, endpoint_url: `${signalsAudience(issuer)}/poll/${id}` },
      min_verification_interval: VERIFICATION_SECONDS,
      ...(description ? { description } : {}),
    };
  }

  return {
    get,
    list,
    create,
    update,
    replace,
    remove,
    removeStream,
    setStatus,
    verify,
    setSubject,
    authorizationOf,
    present,
  };
}

/** As the receiver sees it (SSF 1.0, section 8.1.2). */
export const presentStatus = ({ id, status, reason }: Stream) => ({
  stream_id: id,
  status,
  ...(reason ? { reason } : {}),
});
