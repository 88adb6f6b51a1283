import { isError } from '../../platform/errors.ts';
import { LinkUsedOrExpired, type LinkFlaw } from '../credentials/links.ts';
import { refusedLink, type WayOn } from '../credentials/links.pages.ts';
import { listedRules as rules } from '../credentials/password.ts';
import { passwordFormFaults } from '../credentials/password-form.ts';
import type { FormPage, PageReply, PageRequest, ViewReply } from '../../platform/http/form-page.ts';
import { showWaiting } from '../credentials/rate-limited.pages.ts';
import { profileFormFaults } from '../../directory/users/profile-form.ts';
import { newUserShape } from '../../directory/users/user.ts';
import type { Invitations, Welcome } from './invitations.ts';

const namesShape = newUserShape.pick({ first_name: true, last_name: true });

export function invitationPages({ invitations }: { invitations: Invitations }): FormPage[] {
  // Mail scanners and previews open links too, so only the form counts as opening one.
  async function show({ params }: PageRequest): Promise<PageReply> {
    const token = params['token'] ?? '';
    const found = await invitations.look(token);
    if (typeof found === 'string') return refused(token, found);
    const { firstName: first_name, lastName: last_name } = found.user;
    return welcomePage(found, { first_name, last_name });
  }

  async function accept({ params, fields, address }: PageRequest): Promise<PageReply> {
    const token = params['token'] ?? '';
    const found = await invitations.open(token, address);
    if (typeof found === 'string') return refused(token, found);
    const { username } = found.user;
    const { password = '', password_again: again = '', first_name = '', last_name = '' } = fields;
    const names = namesShape.safeParse({ first_name, last_name });
    const faults = {
      ...profileFormFaults(names.error),
      ...passwordFormFaults(invitations.brokenRules(password, username), password, again),
    };
    if (!names.success || Object.keys(faults).length > 0)
      return { ...welcomePage(found, { first_name, last_name }, { faults }), status: 400 };
    try {
      await invitations.accept(token, { names: names.data, password, address });
      return { view: 'account-ready', model: { purpose: 'invitation', username } };
    } catch (error) {
      if (isError(error, LinkUsedOrExpired)) return refusedAfterAll(token);
      return showWaiting(error, (minutes) => welcomePage(found, { first_name, last_name }, { minutes }));
    }
  }

  /** Sends a new email to the address of an invitation that has expired. */
  async function renew({ params, address }: PageRequest): Promise<PageReply> {
    const token = params['token'] ?? '';
    try {
      const { username } = await invitations.renew(token, address);
      return { view: 'check-mailbox', model: { purpose: 'invitation', username } };
    } catch (error) {
      if (isError(error, LinkUsedOrExpired)) return refusedAfterAll(token);
      return showWaiting(error, (minutes) => refused(token, 'expired', minutes));
    }
  }

  /** Someone else was faster, or the invitation changed in the meantime. */
  async function refusedAfterAll(token: string): Promise<PageReply> {
    const found = await invitations.look(token);
    return typeof found === 'string' ? refused(token, found) : { redirect: `/invitation/${token}` };
  }

  const welcomePage = (
    { user, by, groups }: Welcome,
    form: Record<string, string>,
    { faults = {}, minutes }: { faults?: Record<string, string>; minutes?: number } = {},
  ) => ({
    view: 'accept-invitation',
    model: { username: user.username, by, groups, form, rules, faults, minutes },
    hasSecretAddress: true as const,
  });

  return [
    { path: '/invitation/:token', show, submit: accept },
    {
      path: '/invitation/:token/renew',
      show: async ({ params }) => ({ redirect: `/invitation/${params['token'] ?? ''}` }),
      submit: renew,
    },
  ];
}

function refused(token: string, flaw: LinkFlaw, minutes?: number): ViewReply {
  const waysOn: Partial<Record<LinkFlaw, WayOn>> = {
    expired: { text: 'newInvitation', action: `/invitation/${token}/renew` },
    used: { text: 'account', href: '/account' },
  };
  return refusedLink('invitation', flaw, waysOn[flaw], minutes);
}
