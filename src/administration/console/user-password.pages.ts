import { setPassword } from '../../authentication/credentials/password.api.ts';
import { generatePassword } from '../../authentication/credentials/generated-password.ts';
import { listedRules as rules } from '../../authentication/credentials/password.ts';
import type { PageReply } from '../../platform/http/form-page.ts';
import { refusedView, type ConsolePage, type ConsoleVisit } from './frame.pages.ts';
import { brokenRules, refusalOf, type Refusal } from './forms.ts';
import { paramsOf, passwordShown, readUser, userPlace, userView } from './user-frame.pages.ts';

/** A temporary password. The administrator could sign in with it as that user, so setting it requires a recent sign-in. */
export const userPasswordPage: ConsolePage = {
  path: '/console/users/:user_id/password',
  scope: 'users:write',
  asksAfresh: 'to-show',
  show: (visit) => passwordView(visit, ''),
  submit: save,
};

async function save(visit: ConsoleVisit): Promise<PageReply> {
  const { step, temporary_password: password = '' } = visit.request.fields;
  if (step === 'generate') return passwordView(visit, generatePassword());
  const params = paramsOf(visit);
  try {
    await visit.call(setPassword, { params, body: { temporary_password: password } });
  } catch (error) {
    return passwordView(visit, password, refusalOf(error));
  }
  const { username: login } = await readUser(visit);
  const place = { section: 'users', list: '/console/users', home: userPlace(params.user_id, 'security') } as const;
  return passwordShown(visit, { ...place, login, password, what: 'password_set' });
}

async function passwordView(visit: ConsoleVisit, password: string, refusal?: Refusal): Promise<PageReply> {
  const model = { view: 'password', password, rules, broken: brokenRules(refusal) };
  const view = await userView(visit, await readUser(visit), 'security', model);
  return refusal ? refusedView(view, refusal) : view;
}
