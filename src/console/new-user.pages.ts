import type { PageReply } from '../http/form-page.ts';
import { generatePassword } from '../credentials/generated-password.ts';
import { listedRules as rules } from '../credentials/password.ts';
import { consoleView, doneAt, type ConsolePage, type ConsoleVisit, type One } from './frame.pages.ts';
import { brokenRules, refusalOf, ticked, type Refusal } from './forms.ts';
import { ADMIN_ROLES } from '../users/user.ts';
import { picker, type PickerOptions } from './picker.ts';
import type { Group, User } from './users.pages.ts';

const HOME = '/console/users/new';
const FIELDS = ['kind', 'username', 'first_name', 'last_name', 'method', 'temporary_password'] as const;

export const groupPicker: PickerOptions<Group> = {
  kind: 'group',
  list: 'get /v1/groups',
  get: 'get /v1/groups/{group_id}',
  param: 'group_id',
  toChoice: ({ group_id: id, name, description }) => ({ id, name, note: description }),
};

/** A user is made in two steps: who it is and how they come by a password, then a customer's groups or an administrator's roles. */
export const newUserPage: ConsolePage = {
  path: HOME,
  scope: 'users:write',
  show: async (visit) => detailsPage(visit, { kind: visit.request.query['kind'] ?? '', method: 'invite' }),
  submit: (visit) => nextStep(visit),
};

async function nextStep(visit: ConsoleVisit): Promise<PageReply> {
  const { fields } = visit.request;
  switch (fields['step']) {
    case 'groups':
      return considerDetails(visit);
    case 'generate':
      return detailsPage(visit, { ...fields, method: 'password', temporary_password: generatePassword() });
    case 'search':
      return secondPage(visit);
    case 'finish':
      return finish(visit);
    default:
      return detailsPage(visit, fields);
  }
}

/** The first step's answers are tried without doing anything, so that a fault is said where it was made. */
async function considerDetails(visit: ConsoleVisit): Promise<PageReply> {
  try {
    await visit.call('post /v1/users', { query: { dry_run: 'true' }, body: bodyOf(visit) });
    return await secondPage(visit);
  } catch (error) {
    return detailsPage(visit, visit.request.fields, refusalOf(error));
  }
}

async function finish(visit: ConsoleVisit): Promise<PageReply> {
  try {
    const { fields } = visit.request;
    const ids = isForAdministrator(fields)
      ? { admin_roles: ticked(fields, 'role') }
      : { group_ids: ticked(fields, 'group') };
    const body = { ...bodyOf(visit), ...ids };
    const { body: reply } = await visit.call<One<User>>('post /v1/users', { body });
    return doneAt(`/console/users/${reply.result.user_id}`, body.send_invitation ? 'user_invited' : 'user_created');
  } catch (error) {
    const refusal = refusalOf(error);
    if ('group_ids' in refusal.faults) return secondPage(visit, refusal);
    return detailsPage(visit, visit.request.fields, refusal);
  }
}

const isForAdministrator = ({ kind }: Record<string, string>) => kind === 'administrator';

function bodyOf({ request: { fields } }: ConsoleVisit) {
  const { username = '', first_name = '', last_name = '', method, temporary_password = '' } = fields;
  const isInvited = method !== 'password';
  return {
    kind: isForAdministrator(fields) ? 'administrator' : 'customer',
    ...{ username, first_name, last_name, send_invitation: isInvited },
    ...(isInvited ? {} : { temporary_password }),
  };
}

function detailsPage(visit: ConsoleVisit, fields: Record<string, string>, refusal?: Refusal) {
  const form = Object.fromEntries(FIELDS.map((name) => [name, fields[name] ?? '']));
  const kept = Object.keys(fields).filter((name) => /^(group|role):/.test(name));
  const model = { form, kept, rules, broken: brokenRules(refusal), refusal, faults: refusal?.faults ?? {} };
  return { ...consoleView(visit, 'users', 'new-user', model), ...(refusal ? { status: refusal.status } : {}) };
}

async function secondPage(visit: ConsoleVisit, refusal?: Refusal) {
  const { fields } = visit.request;
  const form = Object.fromEntries(FIELDS.map((name) => [name, fields[name] ?? '']));
  const model = { form, ...(await choicesOf(visit)), refusal, faults: refusal?.faults ?? {} };
  return { ...consoleView(visit, 'users', 'new-user-groups', model), ...(refusal ? { status: refusal.status } : {}) };
}

async function choicesOf(visit: ConsoleVisit) {
  const { fields } = visit.request;
  if (isForAdministrator(fields)) return { adminRoles: ADMIN_ROLES, chosen: ticked(fields, 'role') };
  return visit.can('groups:read') && visit.can('groups:write')
    ? { groups: await picker(visit, fields, groupPicker) }
    : {};
}
