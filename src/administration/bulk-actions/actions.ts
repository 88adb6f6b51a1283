import { z } from 'zod';
import { UnsupportedSearch } from '../../platform/criteria.ts';
import { idShape, type Id } from '../../platform/ids.ts';
import { GroupNotFound, type Group } from '../../directory/groups/group.ts';
import type { Memberships } from '../../directory/memberships/memberships.ts';
import type { JobType } from '../../platform/jobs/job-type.ts';
import type { User } from '../../directory/users/user.ts';
import type { UserOutcome } from '../../directory/users/many.ts';
import type { Users } from '../../directory/users/users.ts';
import { bulkActionJob, type BulkActionItem } from './bulk-action.ts';
import { fillIn, messageShape } from './message.ts';
import type { SelectionStore } from './selection.ts';

/** An email, as it is sent from here. */
interface Email {
  cause: string;
  to: string;
  view: 'message';
  model: { subject: string; text: string };
  isBulk: true;
}

export interface ActionsOptions {
  users: Pick<Users, 'select' | 'disableMany' | 'enableMany' | 'endSessionsOfMany'>;
  memberships: Pick<Memberships, 'add' | 'remove'>;
  selections: SelectionStore;
  /** @throws GroupNotFound */
  getGroup(id: Id): Promise<Group>;
  findUsers(ids: Id[]): Promise<User[]>;
  postMany(emails: Email[]): Promise<void>;
}

const groupInput = z.strictObject({ group_id: idShape });
const noInput = z.strictObject({});

/** The bulk actions: what can be done to all members of a group or all results of a search. */
export function bulkActions(options: ActionsOptions): JobType[] {
  const { users, memberships, selections, getGroup, findUsers, postMany } = options;
  const deps = { select: users.select, selections };
  const groupAction = {
    input: groupInput,
    scopes: ['groups:write'],
    errors: [GroupNotFound, UnsupportedSearch],
    check: async ({ input }: { input: { group_id: Id } }) => void (await getGroup(input.group_id)),
    atOnce: 1000,
  };
  const userAction = { input: noInput, scopes: ['users:write'], errors: [UnsupportedSearch], atOnce: 500 };

  return [
    bulkActionJob(
      {
        ...groupAction,
        kind: 'add_to_group',
        summary: 'Adds the selected users to a group.',
        async act({ actor, input }, userIds) {
          return (await memberships.add(actor, input.group_id, { userIds })).map(toItem);
        },
      },
      deps,
    ),
    bulkActionJob(
      {
        ...groupAction,
        kind: 'remove_from_group',
        summary: 'Removes the selected users from a group.',
        async act({ actor, input }, userIds) {
          return (await memberships.remove(actor, input.group_id, { userIds })).map(toItem);
        },
      },
      deps,
    ),
    bulkActionJob(
      {
        ...userAction,
        kind: 'disable',
        summary: 'Disables the selected users. Their sessions and tokens end immediately.',
        act: async ({ actor }, ids) => (await users.disableMany(actor, ids)).map(toUserItem('disabled')),
      },
      deps,
    ),
    bulkActionJob(
      {
        ...userAction,
        kind: 'enable',
        summary: 'Enables the selected users.',
        act: async ({ actor }, ids) => (await users.enableMany(actor, ids)).map(toUserItem('enabled')),
      },
      deps,
    ),
    bulkActionJob(
      {
        ...userAction,
        kind: 'end_sessions',
        summary: 'Ends the sessions and tokens of the selected users.',
        act: async ({ actor }, ids) => (await users.endSessionsOfMany(actor, ids)).map(toUserItem('signed_out')),
      },
      deps,
    ),
    bulkActionJob(
      {
        kind: 'send_message',
        summary: 'Sends a personalized email to the selected users, except disabled ones.',
        input: messageShape,
        scopes: ['mail:send'],
        errors: [UnsupportedSearch],
        atOnce: 500,
        async act({ jobId, input }, ids) {
          const people = await findUsers(ids);
          const readers = people.filter(({ status }) => status !== 'disabled');
          await postMany(readers.map((user) => toEmail(jobId, input, user)));
          return toMessageItems(ids, people);
        },
      },
      deps,
    ),
  ];
}

function toEmail(jobId: Id, { subject, text }: z.output<typeof messageShape>, user: User): Email {
  const model = { subject: fillIn(subject, user), text: fillIn(text, user) };
  return { cause: `job:${jobId}:${user.id}`, to: user.username, view: 'message', model, isBulk: true };
}

function toMessageItems(ids: Id[], people: User[]): BulkActionItem[] {
  const known = new Map(people.map((user) => [user.id, user]));
  return ids.map((id) => {
    const user = known.get(id);
    if (!user) return { id, outcome: 'no_such_user', failure: NOBODY };
    return { id, name: user.username, outcome: user.status === 'disabled' ? 'skipped_disabled' : 'posted' };
  });
}

const NOBODY = 'The user no longer exists.';
const REASONS: Record<string, string> = {
  no_such_user: NOBODY,
  not_a_customer: 'Only customers can be members of a group.',
  last_administrator: 'The last active owner cannot be disabled or deleted.',
  not_allowed:
    'Changing an administrator requires the scope administrators:write and every scope that the administrator has.',
};

function toItem({
  userId,
  username,
  outcome,
}: {
  userId: Id | null;
  username: string | null;
  outcome: string;
}): BulkActionItem {
  return { id: userId ?? '', name: username ?? userId ?? '', outcome, failure: REASONS[outcome] };
}

const toUserItem =
  (done: string) =>
  ({ id, username, outcome }: UserOutcome): BulkActionItem => ({
    id,
    name: username,
    outcome: outcome === 'done' ? done : outcome,
    failure: REASONS[outcome],
  });
