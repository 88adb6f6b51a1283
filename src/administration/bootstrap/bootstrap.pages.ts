import { isError } from '../../platform/errors.ts';
import { listedRules as rules } from '../../authentication/credentials/password.ts';
import { passwordFormFaults } from '../../authentication/credentials/password-form.ts';
import type { FormPage, PageReply, PageRequest } from '../../platform/http/form-page.ts';
import { profileFormFaults } from '../../directory/users/profile-form.ts';
import { newUserShape, UsernameTaken } from '../../directory/users/user.ts';
import { LinkInvalid, type FirstRun } from './bootstrap.ts';

const ownerShape = newUserShape.pick({ username: true, first_name: true, last_name: true });

export function firstRunPages({ firstRun, issuer }: { firstRun: FirstRun; issuer: string }): FormPage[] {
  async function show({ params }: PageRequest): Promise<PageReply> {
    if (!(await firstRun.isValid(params['token'] ?? ''))) throw LinkInvalid();
    return form({});
  }

  async function submit({ params, fields }: PageRequest): Promise<PageReply> {
    const token = params['token'] ?? '';
    if (!(await firstRun.isValid(token))) throw LinkInvalid();
    const {
      email = '',
      password = '',
      password_again: again = '',
      first_name: firstName = '',
      last_name: lastName = '',
    } = fields;
    const typed = ownerShape.safeParse({ username: email, first_name: firstName, last_name: lastName });
    const broken = firstRun.brokenRules(password, typed.data?.username ?? '');
    const faults = {
      ...profileFormFaults(typed.error),
      ...passwordFormFaults(broken, password, again),
    };
    if (!typed.success || Object.keys(faults).length > 0) return form(fields, faults);
    try {
      const { username, first_name: first, last_name: last } = typed.data;
      const owner = await firstRun.setUp(token, { email: username, firstName: first, lastName: last, password });
      return { view: 'owner-ready', model: { username: owner.username, issuer } };
    } catch (error) {
      if (!isError(error, UsernameTaken)) throw error;
      return form(fields, { email: 'taken' });
    }
  }

  function form(fields: Record<string, string>, faults?: Record<string, string>): PageReply {
    const { email = '', first_name = '', last_name = '' } = fields;
    const model = { action: '', form: { email, first_name, last_name }, rules, issuer, faults: faults ?? {} };
    return { view: 'set-up-owner', model, status: faults ? 400 : 200 };
  }

  return [{ path: '/setup/:token', show, submit }];
}
