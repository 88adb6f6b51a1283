import type { UserAttribute } from '../../../config/profile-settings.ts';
import { attributeFieldsOf, attributesFromForm, attributesToForm } from '../../directory/users/attribute-form.ts';
import { getUser, updateUser } from '../../directory/users/users.api.ts';
import { timeZonesWith } from '../../platform/i18n/time-zones.ts';
import type { PageReply } from '../../platform/http/form-page.ts';
import type { BodyOf } from '../../platform/http/calls.ts';
import { beginEdit, saveEdit, type Editable, type Editing, type Form } from './editing.ts';
import { doneAt, refusedView, type ConsolePage, type ConsoleVisit } from './frame.pages.ts';
import { paramsOf, userPlace, userView } from './user-frame.pages.ts';
import type { User } from './replies.ts';

const NAMES = ['first_name', 'last_name'] as const;
/** An empty field takes the value away. */
const OPTIONAL = ['picture', 'locale', 'zoneinfo'] as const;

type Body = BodyOf<typeof updateUser>;

/** A user's profile, with the additional attributes that are in use. */
export function userProfilePage(inUse: readonly UserAttribute[]): ConsolePage {
  const hasPhone = inUse.includes('phone_number');

  const profileOf = (visit: ConsoleVisit): Editable<User, Body> => ({
    read: () => visit.call(getUser, { params: paramsOf(visit) }),
    change: (body, ifMatch) => visit.call(updateUser, { params: paramsOf(visit), body, ifMatch }),
    toForm: (user) => ({
      ...Object.fromEntries([...NAMES, ...OPTIONAL].map((name) => [name, user[name] ?? ''])),
      ...attributesToForm(user, inUse),
      ...(hasPhone ? { phone_number_verified: user.phone_number_verified ? 'yes' : '' } : {}),
    }),
  });

  async function save(visit: ConsoleVisit): Promise<PageReply> {
    const { fields } = visit.request;
    const textIn = (name: string) => fields[name]?.trim().replace(/\r\n?/g, '\n') ?? '';
    const names: string[] = [...NAMES, ...OPTIONAL, ...attributeFieldsOf(inUse)];
    const isVerified = Boolean(fields['phone_number_verified'] && fields['phone_number']?.trim());
    const typed: Form = {
      ...Object.fromEntries(names.map((name) => [name, textIn(name)])),
      ...(hasPhone ? { phone_number_verified: isVerified ? 'yes' : '' } : {}),
    };
    const body: Body = {
      ...Object.fromEntries(NAMES.map((name) => [name, typed[name]])),
      ...Object.fromEntries(OPTIONAL.map((name) => [name, typed[name] || null])),
      ...attributesFromForm(typed, inUse),
      ...(hasPhone ? { phone_number_verified: isVerified } : {}),
    };
    const left = await saveEdit(visit, profileOf(visit), { typed, body });
    return left ? profileView(visit, left) : doneAt(userPlace(paramsOf(visit).user_id), 'user_saved');
  }

  async function profileView(
    visit: ConsoleVisit,
    { thing, refusal, form, version, differences }: Editing<User>,
  ): Promise<PageReply> {
    const attributeFields = attributeFieldsOf(inUse);
    const model = { form, version, differences, attributeFields, hasPhone, zones: timeZonesWith(form['zoneinfo']) };
    const view = await userView(visit, thing, 'profile', { ...model, mayDelete: visit.can('users:delete') });
    return refusal ? refusedView(view, refusal) : view;
  }

  return {
    path: '/console/users/:user_id',
    scope: 'users:read',
    changes: 'users:write',
    show: async (visit) => profileView(visit, await beginEdit(profileOf(visit))),
    submit: save,
  };
}
