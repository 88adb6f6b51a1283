/**
 * Owns invitations: the email to a user created by an administrator, its state, and the page where they accept.
 * Must not touch: users, passwords and links other than through the services it receives.
 */
import type { Module, Platform } from '../../directory/module.ts';
import type { Mail } from '../../platform/mail/mail.ts';
import type { Audit } from '../../directory/audit/audit.ts';
import type { Groups } from '../../directory/groups/groups.ts';
import type { Memberships } from '../../directory/memberships/memberships.ts';
import type { Users } from '../../directory/users/users.ts';
import type { Credentials } from '../credentials/credentials.ts';
import type { Links } from '../credentials/links.ts';
import { createRequestLimits } from '../credentials/rate-limits.mongo.ts';
import { invitationEndpoints } from './invitations.api.ts';
import { invitationPages } from './invitations.pages.ts';
import { createInvitations, type Invitations } from './invitations.ts';
import { invitationViewModels } from './invitations.views.ts';

export interface InvitationsModuleOptions {
  audit: Audit;
  users: Users;
  groups: Pick<Groups, 'findMany'>;
  memberships: Pick<Memberships, 'groupIds'>;
  credentials: Credentials;
  links: Links;
  mail: Pick<Mail, 'post'>;
}

export function createInvitationsModule(
  { config, connection, transact }: Platform,
  { audit, users, groups, memberships, credentials, links, mail }: InvitationsModuleOptions,
): { service: Invitations; module: Module } {
  const invitations = createInvitations({
    links,
    limits: createRequestLimits(connection, 'invitation', config),
    users,
    credentials,
    findUser: users.find,
    async namesOfGroups(user) {
      const found = await groups.findMany(memberships.groupIds(user));
      return found.map(({ name }) => name).sort();
    },
    post: mail.post,
    audit,
    transact,
    issuer: config.issuer,
    days: config.invitationDays,
  });
  return {
    service: invitations,
    module: {
      name: 'invitations',
      viewModels: invitationViewModels,
      endpoints: invitationEndpoints({ invitations }),
      pages: invitationPages({ invitations }),
    },
  };
}
