import { z } from 'zod';
import { UnservableSearch } from '../../platform/criteria.ts';
import { idShape, type Id } from '../../platform/ids.ts';
import { GroupNotFound, type Group } from '../../directory/groups/group.ts';
import type { Memberships } from '../../directory/memberships/memberships.ts';
import type { JobType } from '../../platform/jobs/job-type.ts';
import type { Person } from '../../directory/users/user.ts';
import type { PersonOutcome } from '../../directory/users/many.ts';
import type { Users } from '../../directory/users/users.ts';
import { batchWork, type BatchItem } from './bulk-action.ts';
import { fillIn, messageShape } from './message.ts';
import type { SelectionStore } from './selection.ts';

/** An email, as it is sent from here. */
interface Letter {
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
  findPeople(ids: Id[]): Promise<Person[]>;
  postMany(letters: Letter[]): Promise<void>;
}

const groupInput = z.strictObject({ group_id: idShape });
const noInput = z.strictObject({});

/** The bulk actions: what can be done to all members of a group or all results of a search. */
export function batchActions(options: ActionsOptions): JobType[] {
  const { users, memberships, selections, getGroup, findPeople, postMany } = options;
  const deps = { select: users.select, selections };
  const groupAction = {
    input: groupInput,
    scopes: ['groups:write'],
    errors: [GroupNotFound, UnservableSearch],
    check: async ({ input }: { input: { group_id: Id } }) => void (await getGroup(input.group_id)),
    atOnce: 1000,
  };
  const personAction = { input: noInput, scopes: ['users:write'], errors: [UnservableSearch], atOnce: 500 };

  return [
    batchWork(
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
    batchWork(
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
    batchWork(
      {
        ...personAction,
        kind: 'disable',
        summary: 'Disables the selected users. Their sessions and tokens end immediately.',
        act: async ({ actor }, ids) => (await users.disableMany(actor, ids)).map(toPersonItem('disabled')),
      },
      deps,
    ),
    batchWork(
      {
        ...personAction,
        kind: 'enable',
        summary: 'Enables the selected users.',
        act: async ({ actor }, ids) => (await users.enableMany(actor, ids)).map(toPersonItem('enabled')),
      },
      deps,
    ),
    batchWork(
      {
        ...personAction,
        kind: 'end_sessions',
        summary: 'Ends the sessions and tokens of the selected users.',
        act: async ({ actor }, ids) => (await users.endSessionsOfMany(actor, ids)).map(toPersonItem('signed_out')),
      },
      deps,
    ),
    batchWork(
      {
        kind: 'send_message',
        summary: 'Sends a personalized email to the selected users, except disabled ones.',
        input: messageShape,
        scopes: ['mail:send'],
        errors: [UnservableSearch],
        atOnce: 500,
        async act({ jobId, input }, ids) {
          const people = await findPeople(ids);
          const readers = people.filter(({ status }) => status !== 'disabled');
          await postMany(readers.map((person) => toLetter(jobId, input, person)));
          return toMessageItems(ids, people);
        },
      },
      deps,
    ),
  ];
}

function toLetter(jobId: Id, { subject, text }: z.output<typeof messageShape>, person: Person): Letter {
  const model = { subject: fillIn(subject, person), text: fillIn(text, person) };
  return { cause: `job:${jobId}:${person.id}`, to: person.username, view: 'message', model, isBulk: true };
}

function toMessageItems(ids: Id[], people: Person[]): BatchItem[] {
  const known = new Map(people.map((person) => [person.id, person]));
  return ids.map((id) => {
    const person = known.get(id);
    if (!person) return { id, outcome: 'no_such_user', failure: NOBODY };
    return { id, name: person.username, outcome: person.status === 'disabled' ? 'skipped_disabled' : 'posted' };
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
}): BatchItem {
  return { id: userId ?? '', name: username ?? userId ?? '', outcome, failure: REASONS[outcome] };
}

const toPersonItem =
  (done: string) =>
  ({ id, username, outcome }: PersonOutcome): BatchItem => ({
    id,
    name: username,
    outcome: outcome === 'done' ? done : outcome,
    failure: REASONS[outcome],
  });
