import { changeSettings, getSettings } from '../settings/settings.api.ts';
import type { z } from 'zod';
import type { PageReply } from '../../platform/http/form-page.ts';
import type { settingReply } from '../settings/settings.api.ts';
import type { BodyOf } from '../../platform/http/calls.ts';
import { beginEdit, saveEdit, type Editable, type Editing, type Form } from './editing.ts';
import { consoleView, doneAt, refusedView, type ConsolePage, type ConsoleVisit } from './frame.pages.ts';

export type Setting = z.output<typeof settingReply>;

const HOME = '/console/settings';

/** What is asked together, by variable without `COHORT_`; what is in none of these comes last. */
const CHAPTERS = {
  look: ['BRAND_NAME', 'ACCENT_COLOR', 'PRIVACY_URL', 'SUPPORT_URL', 'MAIL_FROM'],
  profiles: ['USER_ATTRIBUTES'],
  registration: ['SELF_REGISTRATION', 'TERMS_URL', 'INVITATION_DAYS', 'TEMPORARY_PASSWORD_DAYS'],
  signIn: ['SIGN_IN_ATTEMPTS', 'EMAIL_OTP', 'TRUSTED_DEVICE_DAYS'],
  lifetimes: [
    'SESSION_SECONDS',
    'ACCESS_TOKEN_SECONDS',
    'ID_TOKEN_SECONDS',
    'REFRESH_TOKEN_SECONDS',
    'REFRESH_TOKEN_GRACE_SECONDS',
  ],
  keys: ['KEY_ROTATION_DAYS', 'KEY_OVERLAP_DAYS'],
};

/** The settings that the environment leaves to administrators. An empty field is back to the default. */
export const settingsEditPage: ConsolePage = {
  path: `${HOME}/edit`,
  scope: 'settings:write',
  asksAfresh: 'to-show',
  show: async (visit) => editView(visit, await beginEdit(editableOf(visit))),
  submit: save,
};

const editableOf = (visit: ConsoleVisit): Editable<Setting[], BodyOf<typeof changeSettings>> => ({
  read: () => visit.call(getSettings),
  change: (body, ifMatch) => visit.call(changeSettings, { body, ifMatch }),
  toForm: (settings) => Object.fromEntries(changeable(settings).map(({ variable, value }) => [variable, value ?? ''])),
});

const changeable = (settings: Setting[]) => settings.filter((setting) => setting.is_changeable);

async function save(visit: ConsoleVisit): Promise<PageReply> {
  const { fields } = visit.request;
  const { body: now } = await visit.call(getSettings);
  const known = changeable(now.result);
  const typed: Form = Object.fromEntries(known.map(({ variable }) => [variable, fields[variable]?.trim() ?? '']));
  // What is left as it is stays a default where it was one.
  const changed = known.filter(({ variable, value }) => typed[variable] !== (value ?? ''));
  const body = Object.fromEntries(changed.map(({ variable }) => [variable, typed[variable] || null]));
  const left = await saveEdit(visit, editableOf(visit), { typed, body });
  return left ? editView(visit, left) : doneAt(HOME, 'settings_saved');
}

function editView(visit: ConsoleVisit, { thing, form, version, refusal, differences }: Editing<Setting[]>): PageReply {
  const chapters = chaptersOf(changeable(thing));
  const fixed = thing.filter(({ source, variable }) => source === 'environment' && chapterOf(variable));
  const view = consoleView(visit, 'settings', 'settings-edit', { chapters, fixed, form, version, differences });
  return refusal ? refusedView(view, refusal) : view;
}

const chapterOf = (variable: string) =>
  Object.entries(CHAPTERS).find(([, names]) => names.some((name) => variable === `COHORT_${name}`))?.[0];

function chaptersOf(settings: Setting[]): { name: string; settings: Setting[] }[] {
  const names = [...Object.keys(CHAPTERS), 'other'];
  const inChapter = (name: string) => settings.filter(({ variable }) => (chapterOf(variable) ?? 'other') === name);
  return names.map((name) => ({ name, settings: inChapter(name) })).filter((chapter) => chapter.settings.length > 0);
}
