/**
 * Owns the emails about memberships that end soon, and who was told of which end.
 * Must not touch: memberships, which it only reads, and how emails are delivered (`platform/mail/`).
 */
import type { Mail } from '../../platform/mail/mail.ts';
import type { Groups } from '../groups/groups.ts';
import type { Memberships } from '../memberships/memberships.ts';
import type { Module, Platform } from '../module.ts';
import type { Users } from '../users/users.ts';
import { createEndNoticeStore } from './end-notices.mongo.ts';
import { createEndNotices, type EndNotices } from './end-notices.ts';
import { endNoticeViewModels } from './end-notices.views.ts';

export interface EndNoticesModuleOptions {
  users: Pick<Users, 'searchMembers' | 'findMany'>;
  groups: Pick<Groups, 'withEndNotice' | 'find'>;
  memberships: Pick<Memberships, 'membershipIn' | 'ownersOf'>;
  mail: Pick<Mail, 'postMany'>;
}

export function createEndNoticesModule(
  { config, connection, transact, now }: Platform,
  { users, groups, memberships, mail }: EndNoticesModuleOptions,
): { service: EndNotices; module: Module } {
  const store = createEndNoticeStore(connection);
  const notices = createEndNotices({
    store,
    users,
    groups,
    memberships,
    postMany: mail.postMany,
    transact,
    now,
    issuer: config.issuer,
  });
  return {
    service: notices,
    module: {
      name: 'end-notices',
      viewModels: endNoticeViewModels,
      async onDelete({ kind, id }) {
        if (kind === 'user') await store.removeOfUser(id);
        if (kind === 'group') await store.removeOfGroup(id);
      },
      tasks: [{ name: 'send-end-notices', everySeconds: 300, run: notices.sendDue }],
    },
  };
}
