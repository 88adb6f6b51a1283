import type { ZodError } from 'zod';
import { isError } from '../base/errors.ts';
import { passwordRules } from '../credentials/password.ts';
import type { FormPage, PageReply, PageRequest } from '../http/form-page.ts';
import { newUserShape, UsernameTaken } from '../users/user.ts';
import { LinkInvalid, type FirstRun } from './first-run.ts';

const ownerShape = newUserShape.pick({ username: true, first_name: true, last_name: true });

const rules = passwordRules.filter(({ key }) => key !== 'long').map(({ key }) => key);

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
      ...faultsOf(typed.error),
      ...(broken.length > 0 ? { password: broken.join(' ') } : {}),
      ...(password === again ? {} : { password_again: 'different' }),
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

/** Which field of the form is faulty: the key of the sentence beside it. */
function faultsOf(error: ZodError | undefined): Record<string, string> {
  const fieldOf = (path: PropertyKey | undefined) => (path === 'username' ? 'email' : String(path));
  return Object.fromEntries(
    (error?.issues ?? []).map(({ path, code }) => [
      fieldOf(path[0]),
      code === 'too_big' && path[0] !== 'username' ? 'long' : 'invalid',
    ]),
  );
}
