import type { z } from 'zod';
import type { administrationReply } from '../administrators/administrators.api.ts';
import type { PageReply } from '../http/form-page.ts';
import { ADMIN_ROLES } from '../users/user.ts';
import { beginEdit, saveEdit, type Editable, type Editing } from './editing.ts';
import { given, refusalOf, ticked } from './forms.ts';
import {
  consoleView,
  doneAt,
  refusedView,
  type ConsolePage,
  type ConsoleVisit,
  type Many,
  type One,
} from './frame.pages.ts';
import type { User } from './users.pages.ts';

type Administration = z.output<typeof administrationReply>;

const PATH = '/v1/users/{user_id}/administration';

/** Who runs this Cohort: owners, and collaborators with the roles that they have. */
const administratorsPage: ConsolePage = {
  path: '/console/administrators',
  scope: 'administrators:read',
  show: showAdministrators,
};

/** What one of them may do. */
const administrationPage: ConsolePage = {
  path: '/console/administrators/:user_id',
  scope: 'administrators:read',
  changes: 'administrators:write',
  asksAfresh: 'to-submit',
  show: async (visit) => administrationView(visit, await beginEdit(visit, editableOf(visit))),
  submit: save,
};

export const administratorPages: ConsolePage[] = [administratorsPage, administrationPage];

async function showAdministrators(visit: ConsoleVisit): Promise<PageReply> {
  const form = given(visit.request.query, ['q', 'cursor']);
  try {
    const query = { ...form, kind: 'administrator', limit: '50' };
    const { body: page } = await visit.call<Many<User>>('get /v1/users', { query });
    return consoleView(visit, 'administrators', 'administrators', { form, page });
  } catch (error) {
    const page: Many<User> = { result: [], next: null, previous: null };
    return refusedView(consoleView(visit, 'administrators', 'administrators', { form, page }), refusalOf(error));
  }
}

const paramsOf = ({ request }: ConsoleVisit) => ({ user_id: request.params['user_id'] ?? '' });

const editableOf = (visit: ConsoleVisit): Editable<Administration> => ({
  get: `get ${PATH}`,
  change: `put ${PATH}`,
  params: paramsOf(visit),
  toForm: ({ roles }) => ({ roles: [...roles].sort().join(' ') }),
});

async function save(visit: ConsoleVisit): Promise<PageReply> {
  const roles = ticked(visit.request.fields, 'admin_role').sort();
  const left = await saveEdit(visit, editableOf(visit), { typed: { roles: roles.join(' ') }, body: { roles } });
  if (left) return administrationView(visit, left);
  return doneAt(`/console/administrators/${paramsOf(visit).user_id}`, 'administration_saved');
}

async function administrationView(
  visit: ConsoleVisit,
  { form, version, refusal, differences }: Editing<Administration>,
): Promise<PageReply> {
  const { body } = await visit.call<One<User>>('get /v1/users/{user_id}', { params: paramsOf(visit) });
  const user = body.result;
  const mayEdit = visit.can('administrators:write') && user.kind === 'administrator';
  const chosen = (form['roles'] ?? '').split(' ').filter(Boolean);
  const model = { user, chosen, version, differences, mayEdit, adminRoles: ADMIN_ROLES };
  const view = consoleView(visit, 'administrators', 'administrator', model);
  return refusal ? refusedView(view, refusal) : view;
}
