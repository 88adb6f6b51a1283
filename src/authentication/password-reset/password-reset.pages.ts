import { isError } from '../../platform/errors.ts';
import { LinkUsedOrExpired, type LinkFlaw } from '../credentials/links.ts';
import { refusedLink } from '../credentials/links.pages.ts';
import { listedRules as rules } from '../credentials/password.ts';
import { passwordFormFaults } from '../credentials/password-form.ts';
import { showWaiting } from '../credentials/rate-limited.pages.ts';
import { REMEMBERED_SECONDS } from '../known-devices/known-devices.ts';
import type { FormPage, PageReply, PageRequest } from '../../platform/http/form-page.ts';
import type { ReturnToSignIn } from '../../directory/module.ts';
import { usernameShape } from '../../directory/users/user.ts';
import type { PasswordReset } from './password-reset.ts';

export interface PasswordResetPagesOptions {
  passwordReset: PasswordReset;
  returnToSignIn: ReturnToSignIn;
}

export function passwordResetPages({ passwordReset, returnToSignIn }: PasswordResetPagesOptions): FormPage[] {
  const showForm = async ({ query }: PageRequest): Promise<PageReply> => askPage(query['from'], '');

  async function ask({ query, fields, address, language }: PageRequest): Promise<PageReply> {
    const { email = '' } = fields;
    const from = query['from'];
    const username = usernameShape.safeParse(email).data;
    if (!username) return { ...(await askPage(from, email, { faults: { email: 'invalid' } })), status: 400 };
    try {
      await passwordReset.ask({ username, address, language, continueAt: await returnToSignIn(from, username) });
      return { view: 'check-mailbox', model: { purpose: 'recovery', username } };
    } catch (error) {
      return showWaiting(error, (minutes) => askPage(from, email, { minutes }));
    }
  }

  async function askPage(
    from: string | undefined,
    email: string,
    { faults = {}, minutes }: { faults?: Record<string, string>; minutes?: number } = {},
  ) {
    return { view: 'recover', model: { form: { email }, faults, minutes, signInAt: await returnToSignIn(from) } };
  }

  async function showReset({ params }: PageRequest): Promise<PageReply> {
    const found = await passwordReset.look(params['token'] ?? '');
    return typeof found === 'string' ? refused(found) : resetPage(found.username);
  }

  async function reset({ params, fields, cookies, userAgent, address }: PageRequest): Promise<PageReply> {
    const token = params['token'] ?? '';
    const found = await passwordReset.look(token);
    if (typeof found === 'string') return refused(found);
    const { username } = found;
    const { password = '', password_again: again = '' } = fields;
    const faults = passwordFormFaults(passwordReset.brokenRules(password, username), password, again);
    if (Object.keys(faults).length > 0) return { ...resetPage(username, faults), status: 400 };
    try {
      const arrival = { token: cookies['device'], userAgent, address };
      const { continueAt, token: kept } = await passwordReset.reset(token, password, arrival);
      const device = { value: kept, maxAgeSeconds: REMEMBERED_SECONDS };
      return { view: 'account-ready', model: { purpose: 'recovery', username, continueAt }, cookies: { device } };
    } catch (error) {
      if (isError(error, LinkUsedOrExpired)) return refused('used');
      throw error;
    }
  }

  const resetPage = (username: string, faults: Record<string, string> = {}) => ({
    view: 'reset-password',
    model: { username, rules, faults },
    hasSecretAddress: true as const,
  });

  const refused = (flaw: LinkFlaw) => refusedLink('recovery', flaw, { text: 'askAgain', href: '/recover' });

  return [
    { path: '/recover', show: showForm, submit: ask },
    { path: '/recover/:token', show: showReset, submit: reset },
  ];
}
