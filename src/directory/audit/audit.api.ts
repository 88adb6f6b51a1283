import { z } from 'zod';
import { unlimited } from '../../platform/http/authorization.ts';
import { BadCursor, cursorParameter, PAGE_LIMIT, toPageRequest } from '../../platform/paging.ts';
import { countQuery, endpoint, pageOf, pageQuery, presentPage, type Endpoint } from '../../platform/http/endpoint.ts';
import { auditEventReply, auditQuery, presentAuditEvent, toAuditCriteria } from './audit-event.ts';
import type { Audit } from './audit.ts';

/** Shorter than a stopping node waits for requests in flight. */
const MAX_WAIT_SECONDS = 15;

const tag = 'Audit';
const scope = 'audit:read';

export const listAuditEvents = endpoint({
  method: 'get',
  path: '/v1/audit-events',
  summary: 'Search audit events',
  description:
    'Returns actor, action, target, time and IP address, newest first. Results match all given criteria. Keep paging until `next` is null; a page may be short or empty.',
  tag,
  scope,
  authorize: unlimited,
  query: z.strictObject({ ...pageQuery, ...countQuery, ...auditQuery }),
  status: 200,
  reply: pageOf(auditEventReply),
  errors: [BadCursor],
});

export const followAuditEvents = endpoint({
  method: 'get',
  path: '/v1/audit-events/follow',
  summary: 'Follow audit events',
  description:
    'Waits for new events. Without `cursor`, it starts now. Continue with the `next` of each response, which is present even if nothing happened within `wait` seconds. Each event is returned exactly once, on every node.',
  tag,
  scope,
  authorize: unlimited,
  query: z.strictObject({
    cursor: cursorParameter.optional().meta({ description: '`next` of the previous response.' }),
    wait: z
      .string()
      .regex(/^\d{1,9}$/, 'must be a whole number')
      .transform(Number)
      .pipe(z.number().max(MAX_WAIT_SECONDS, `must be at most ${MAX_WAIT_SECONDS}`))
      .default(10)
      .meta({ description: `Time to wait for an event, in seconds: 0 to ${MAX_WAIT_SECONDS}.`, example: '10' }),
  }),
  status: 200,
  reply: z.strictObject({ result: z.array(auditEventReply), next: z.string() }),
  errors: [BadCursor],
});

export function auditEndpoints({ audit }: { audit: Audit }): Endpoint[] {
  return [
    listAuditEvents.handledBy(async ({ query }) => {
      const page = toPageRequest(`audit-events:${query.sort}`, query);
      return presentPage(await audit.search(toAuditCriteria(query), page), presentAuditEvent);
    }),
    followAuditEvents.handledBy(async ({ query: { cursor, wait } }) => {
      const { events, cursor: next } = await audit.follow(cursor, { waitMs: wait * 1000, limit: PAGE_LIMIT.max });
      return { result: events.map(presentAuditEvent), next };
    }),
  ];
}
