import { createUser } from '../../authentication/user-creation/user-creation.api.ts';
import type { PageReply, ViewReply } from '../../platform/http/form-page.ts';
import { generatePassword } from '../../authentication/credentials/generated-password.ts';
import { listedRules as rules } from '../../authentication/credentials/password.ts';
import { administrationIn, adminScopeModel } from './administrator-form.ts';
import { brokenRules, refusalOf, ticked, ticks, type Refusal } from './forms.ts';
import { consoleView, doneAt, refusedView, type ConsolePage, type ConsoleVisit } from './frame.pages.ts';
import { groupPicker, soleLimit } from './group-form.ts';
import type { Section } from './menu.ts';
import { picker } from './picker.ts';
import { passwordShown } from './user-frame.pages.ts';
import type { User } from './replies.ts';

const FIELDS = ['username', 'first_name', 'last_name', 'method', 'temporary_password'] as const;

/** A new user is created in two steps: first details and password, then what depends on the kind. */
interface Kind {
  kind: 'customer' | 'administrator';
  section: Section;
  /** Where the form is, and the list that it leads back to. */
  home: ConsolePage['path'];
  list: string;
  /** What the second step chooses from. */
  choices(visit: ConsoleVisit): Promise<Record<string, unknown>>;
  /** What of it goes into the call. */
  chosen(fields: Record<string, string>): Record<string, unknown>;
}

const customer: Kind = {
  kind: 'customer',
  section: 'users',
  home: '/console/users/new',
  list: '/console/users',
  choices: groupsToChoose,
  chosen: (fields) => ({ group_ids: ticked(fields, 'group') }),
};

const administrator: Kind = {
  kind: 'administrator',
  section: 'administrators',
  home: '/console/administrators/new',
  list: '/console/administrators',
  choices: async (visit) => adminScopeModel(visit, visit.request.fields),
  chosen(fields) {
    const { roles, admin_scope } = administrationIn(fields);
    return { admin_roles: roles, admin_scope };
  },
};

/** How a new user gets a password: by an invitation, or one is set, to be changed at the first sign-in or kept. */
const METHODS = ['invite', 'password', 'permanent'] as const;

const methodOf = ({ method }: Record<string, string>) => METHODS.find((one) => one === method) ?? 'invite';

const beginning = { method: 'invite' };

export const newUserPage: ConsolePage = {
  path: customer.home,
  scope: 'users:write',
  show: async (visit) => detailsPage(visit, customer, beginning),
  submit: (visit) => nextStep(visit, customer),
};

export const newAdministratorPage: ConsolePage = {
  path: administrator.home,
  scope: 'administrators:write',
  asksAfresh: 'to-show',
  show: async (visit) => detailsPage(visit, administrator, beginning),
  submit: (visit) => nextStep(visit, administrator),
};

async function nextStep(visit: ConsoleVisit, kind: Kind): Promise<PageReply> {
  const { fields } = visit.request;
  switch (fields['step']) {
    case 'second':
      return considerDetails(visit, kind);
    case 'generate':
      return detailsPage(visit, kind, {
        ...fields,
        method: methodOf(fields) === 'invite' ? 'password' : methodOf(fields),
        temporary_password: generatePassword(),
      });
    case 'search':
      return secondPage(visit, kind);
    case 'finish':
      return finish(visit, kind);
    default:
      return detailsPage(visit, kind, fields);
  }
}

/** The first step's answers are tried without doing anything, so that a fault is said where it was made. */
async function considerDetails(visit: ConsoleVisit, kind: Kind): Promise<PageReply> {
  try {
    await visit.dryRun(createUser, { body: bodyOf(visit, kind) });
    return await secondPage(visit, kind);
  } catch (error) {
    return detailsPage(visit, kind, visit.request.fields, refusalOf(error));
  }
}

async function finish(visit: ConsoleVisit, kind: Kind): Promise<PageReply> {
  try {
    const body = { ...bodyOf(visit, kind), ...kind.chosen(visit.request.fields) };
    const { body: reply } = await visit.call(createUser, { body });
    return made(visit, kind, reply.result);
  } catch (error) {
    const refusal = refusalOf(error);
    if ('group_ids' in refusal.faults || 'admin_scope' in refusal.faults) return secondPage(visit, kind, refusal);
    return detailsPage(visit, kind, visit.request.fields, refusal);
  }
}

/** Without an invitation, the user must be told the password. */
function made(visit: ConsoleVisit, { section, list }: Kind, { user_id: id, username: login }: User): PageReply {
  const { fields } = visit.request;
  const { temporary_password: password = '' } = fields;
  const home = `${list}/${id}`;
  if (methodOf(fields) === 'invite') return doneAt(home, 'user_invited');
  const what = methodOf(fields) === 'password' ? 'user_created' : 'user_created_with_password';
  return passwordShown(visit, { section, list, home, login, password, what });
}

function bodyOf({ request: { fields } }: ConsoleVisit, { kind }: Kind) {
  const { username = '', first_name = '', last_name = '', temporary_password: password = '' } = fields;
  const method = methodOf(fields);
  return {
    kind,
    username,
    first_name,
    last_name,
    send_invitation: method === 'invite',
    ...(method === 'password' ? { temporary_password: password } : {}),
    ...(method === 'permanent' ? { password } : {}),
  };
}

/** What both steps have: what was typed, and where the form is sent. */
const formModel = ({ kind, home, list, section }: Kind, fields: Record<string, string>) => ({
  form: Object.fromEntries(FIELDS.map((name) => [name, fields[name] ?? ''])),
  kind,
  home,
  list,
  listName: section,
});

function detailsPage(visit: ConsoleVisit, kind: Kind, fields: Record<string, string>, refusal?: Refusal): ViewReply {
  const kept = Object.entries(fields).filter(([name]) => /^(group|admin_role):|^where$/.test(name));
  const said = refusal && withPasswordFault(refusal);
  const methods = METHODS.map((method) => ({ method, isChosen: method === methodOf(fields) }));
  const model = { ...formModel(kind, fields), methods, kept, rules, broken: brokenRules(said) };
  const view = consoleView(visit, kind.section, 'new-user', model);
  return said ? refusedView(view, said) : view;
}

/** The form has one field for a password, whether it is temporary or not. */
function withPasswordFault(refusal: Refusal): Refusal {
  const { password, ...faults } = refusal.faults;
  return password === undefined ? refusal : { ...refusal, faults: { ...faults, temporary_password: password } };
}

async function secondPage(visit: ConsoleVisit, kind: Kind, refusal?: Refusal): Promise<ViewReply> {
  const model = { ...formModel(kind, visit.request.fields), ...(await kind.choices(visit)) };
  const view = consoleView(visit, kind.section, 'new-user-second', model);
  return refusal ? refusedView(view, refusal) : view;
}

/** With a single group as the admin scope, that group is preselected. */
function usualGroup(visit: ConsoleVisit): Record<string, string> {
  const { fields } = visit.request;
  const id = soleLimit(visit);
  const isBeginning = fields['step'] === 'second' && ticked(fields, 'group').length === 0;
  return id && isBeginning ? ticks('group', [id]) : {};
}

async function groupsToChoose(visit: ConsoleVisit) {
  const mayPlace = visit.can('groups:write') || visit.actor.adminScope !== undefined;
  if (!visit.can('groups:read') || !mayPlace) return {};
  return { groups: await picker(visit, { ...usualGroup(visit), ...visit.request.fields }, groupPicker) };
}
