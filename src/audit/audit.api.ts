import { z } from 'zod';
import { BadCursor, toPageRequest } from '../base/paging.ts';
import { endpoint, pageOf, pageQuery, type Endpoint } from '../http/endpoint.ts';
import { auditEventReply, presentAuditEvent } from './audit-event.ts';
import type { Audit } from './audit.ts';

const name = z.string().min(1).max(200).optional();

export function auditEndpoints({ audit }: { audit: Audit }): Endpoint[] {
  return [
    endpoint({
      method: 'get',
      path: '/v1/audit-events',
      summary: 'List audit events',
      description: 'Newest first: who did what to what, when and from where.',
      tag: 'Audit',
      scope: 'audit:read',
      query: z.strictObject({
        ...pageQuery,
        action: name.meta({ example: 'group.created' }),
        actor_id: name,
        target_id: name,
      }),
      status: 200,
      reply: pageOf(auditEventReply),
      errors: [BadCursor],
      async handle({ query: { limit, cursor, action, actor_id: actorId, target_id: targetId } }) {
        const page = await audit.list({ action, actorId, targetId }, toPageRequest('audit-events', { limit, cursor }));
        return { result: page.items.map(presentAuditEvent), next: page.next };
      },
    }),
  ];
}
