import { isError } from '../../platform/errors.ts';
import { LinkUsedOrExpired, type LinkFlaw } from '../credentials/links.ts';
import { refusedLink, type WayOn } from '../credentials/links.pages.ts';
import { listedRules as rules } from '../credentials/password.ts';
import { passwordFormFaults } from '../credentials/password-form.ts';
import { showWaiting } from '../credentials/rate-limited.pages.ts';
import type { FormPage, PageReply, PageRequest } from '../../platform/http/form-page.ts';
import type { ReturnToSignIn } from '../../directory/module.ts';
import { profileFormFaults } from '../../directory/users/profile-form.ts';
import { newUserShape, usernameShape, UsernameTaken } from '../../directory/users/user.ts';
import type { Registration } from './registration.ts';

const applicantShape = newUserShape.pick({ username: true, first_name: true, last_name: true });

export interface RegistrationPagesOptions {
  registration: Registration;
  returnToSignIn: ReturnToSignIn;
  /** Everybody, or the owners of addresses in these domains. */
  openTo: 'open' | string[];
  /** The address of the terms to agree to, if there are any. */
  termsUrl: string | undefined;
}

type Fields = Record<string, string>;

export function registrationPages({
  registration,
  returnToSignIn,
  openTo,
  termsUrl,
}: RegistrationPagesOptions): FormPage[] {
  const show = async ({ query }: PageRequest): Promise<PageReply> => formPage(query['from'], {});

  async function submit({ query, fields, address, language }: PageRequest): Promise<PageReply> {
    const from = query['from'];
    const { email = '', first_name = '', last_name = '', password = '' } = fields;
    const parsed = applicantShape.safeParse({ username: email, first_name, last_name });
    const faults = faultsOf(fields, parsed.error);
    if (!parsed.success || Object.keys(faults).length > 0)
      return { ...(await formPage(from, fields, { faults })), status: 400 };
    const { username, first_name: firstName, last_name: lastName } = parsed.data;
    const continueAt = await returnToSignIn(from, username);
    try {
      const said = { username, firstName, lastName, password, language, terms: termsUrl };
      await registration.ask({ ...said, address, continueAt });
      return { view: 'check-mailbox', model: { purpose: 'registration', username } };
    } catch (error) {
      return showWaiting(error, (minutes) => formPage(from, fields, { minutes }));
    }
  }

  function faultsOf(fields: Fields, error: Parameters<typeof profileFormFaults>[0]): Fields {
    const { email = '', password = '', password_again: again = '', terms } = fields;
    const username = usernameShape.safeParse(email).data ?? '';
    return {
      ...(username && !isOpenTo(username) ? { email: 'domain' } : {}),
      ...profileFormFaults(error),
      ...passwordFormFaults(registration.brokenRules(password, username), password, again),
      ...(termsUrl && !terms ? { terms: 'missing' } : {}),
    };
  }

  const isOpenTo = (username: string) => openTo === 'open' || openTo.includes(username.split('@').at(-1)!);

  async function formPage(
    from: string | undefined,
    { email = '', first_name = '', last_name = '', terms = '' }: Fields,
    { faults = {}, minutes }: { faults?: Fields; minutes?: number } = {},
  ) {
    const form = { email, first_name, last_name, terms };
    const domains = openTo === 'open' ? [] : openTo;
    const signInAt = await returnToSignIn(from);
    return { view: 'register', model: { form, rules, domains, termsUrl, faults, minutes, signInAt } };
  }

  async function showConfirm({ params }: PageRequest): Promise<PageReply> {
    const found = await registration.look(params['token'] ?? '');
    return typeof found === 'string' ? refused(found) : confirmPage(found.username);
  }

  async function confirm(request: PageRequest): Promise<PageReply> {
    const { params, fields, address } = request;
    const token = params['token'] ?? '';
    const found = await registration.look(token);
    if (typeof found === 'string') return refused(found);
    const { username } = found;
    try {
      const confirmed = await registration.confirm(token, fields['password'] ?? '', address);
      if (!confirmed) return { ...confirmPage(username, { fault: 'wrong' }), status: 400 };
      return { view: 'account-ready', model: { purpose: 'registration', username, ...confirmed } };
    } catch (error) {
      if (isError(error, UsernameTaken)) return refused('revoked');
      if (isError(error, LinkUsedOrExpired)) return showConfirm(request);
      return showWaiting(error, (minutes) => confirmPage(username, { minutes }));
    }
  }

  const confirmPage = (username: string, { fault, minutes }: { fault?: string; minutes?: number } = {}) => ({
    view: 'confirm-registration',
    model: { username, fault, minutes },
    hasSecretAddress: true as const,
  });

  return [
    { path: '/register', show, submit },
    { path: '/register/:token', show: showConfirm, submit: confirm },
  ];
}

function refused(flaw: LinkFlaw): PageReply {
  const registerAgain: WayOn = { text: 'registerAgain', href: '/register' };
  const waysOn: Record<LinkFlaw, WayOn> = {
    expired: registerAgain,
    unknown: registerAgain,
    revoked: { text: 'recover', href: '/recover' },
    used: { text: 'account', href: '/account' },
  };
  return refusedLink('registration', flaw, waysOn[flaw]);
}
