import { SIGNING_ALGORITHMS } from '../../../config/protocol-settings.ts';
import { getSettings, listKeys, rotateKeys, sendTestEmail } from '../settings/settings.api.ts';
import type { PageReply, ViewReply } from '../../platform/http/form-page.ts';
import { listedRules } from '../../authentication/credentials/password.ts';
import { durationOf } from './days.ts';
import { given, refusalOf, type Refusal } from './forms.ts';
import { consoleView, doneAt, refusedView, type ConsolePage, type ConsoleVisit } from './frame.pages.ts';
import { settingsEditPage, type Setting } from './settings-edit.pages.ts';

const HOME = '/console/settings';

/** The settings and which of them can be changed here, the keys and their rotation, and a test email. */
export const settingsPages: ConsolePage[] = [
  { path: HOME, scope: 'settings:read', show: (visit) => settingsView(visit) },
  settingsEditPage,
  { path: `${HOME}/mail`, scope: 'settings:write', submit: sendTest },
  { path: `${HOME}/keys`, scope: 'settings:write', asksAfresh: 'to-show', show: keysView, submit: rotate },
];

async function settingsView(visit: ConsoleVisit, form: Record<string, string> = {}): Promise<ViewReply> {
  const { body: settings } = await visit.call(getSettings);
  const { body: keys } = await visit.call(listKeys, { query: given(visit.request.query, ['cursor']) });
  return consoleView(visit, 'settings', 'settings', {
    sources: bySource(settings.result, visit.request.language),
    keys: keys.result,
    page: keys,
    rules: listedRules,
    form: { to: visit.user.username, ...form },
  });
}

const SOURCES = ['environment', 'console', 'default'] as const;

/** What was decided first, and what nobody has decided last. */
function bySource(settings: Setting[], language: string) {
  const shown = settings.map(({ variable, value, source, about, is_secret: isSecret }) => ({
    variable,
    value,
    source,
    about,
    isSecret,
    duration: variable.endsWith('_SECONDS') ? durationOf(Number(value), language) : '',
  }));
  return SOURCES.map((source) => ({ source, settings: shown.filter((setting) => setting.source === source) })).filter(
    (part) => part.settings.length > 0,
  );
}

async function sendTest(visit: ConsoleVisit): Promise<PageReply> {
  const { to = '' } = visit.request.fields;
  try {
    await visit.call(sendTestEmail, { body: { to } });
    return doneAt(HOME, 'email_sent');
  } catch (error) {
    const refusal: Refusal = refusalOf(error);
    return refusedView(await settingsView(visit, { to }), refusal);
  }
}

async function keysView(visit: ConsoleVisit): Promise<PageReply> {
  const { body } = await visit.call(listKeys);
  const algorithms = SIGNING_ALGORITHMS.filter((algorithm) => body.result.some(({ use }) => use === algorithm));
  return consoleView(visit, 'settings', 'settings-keys', { algorithms });
}

async function rotate(visit: ConsoleVisit): Promise<PageReply> {
  const algorithm = SIGNING_ALGORITHMS.find((each) => each === visit.request.fields['algorithm']);
  await visit.call(rotateKeys, algorithm ? { query: { algorithm } } : {});
  return doneAt(HOME, 'keys_rotated');
}
