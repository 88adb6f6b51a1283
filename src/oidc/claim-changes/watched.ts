import type { Followed } from '../../platform/db/durable-feed.mongo.ts';
import { CREDENTIAL_ACTIONS } from './credential-changes.ts';

/** The collections in which something changes what applications read. */
export const WATCHED = {
  users: 'users',
  groups: 'groups',
  roles: 'roles',
  applications: 'applications',
  grants: 'oidc_grants',
  auditEvents: 'audit_events',
} as const;

/** A deleted group or role is taken out of users and groups, each of which is an update; deletions are told of where they are made. */
export const FOLLOWED: Followed[] = [
  { collection: WATCHED.users, operations: ['update', 'replace'] },
  { collection: WATCHED.groups, operations: ['update', 'replace'] },
  { collection: WATCHED.roles, operations: ['update', 'replace'] },
  { collection: WATCHED.applications, operations: ['update', 'replace'] },
  { collection: WATCHED.grants, operations: ['insert', 'update', 'replace'] },
  {
    collection: WATCHED.auditEvents,
    operations: ['insert'],
    where: { 'fullDocument.action': { $in: CREDENTIAL_ACTIONS } },
    withDocuments: true,
  },
];
