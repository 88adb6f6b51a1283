import { getApplication, updateApplication } from '../../directory/applications/applications.api.ts';
import type { PageReply } from '../../platform/http/form-page.ts';
import { addressFaults, scopesToGive, toBody, toForm, typedIn, type Application } from './application-form.ts';
import { applicationPlace, applicationView, paramsOf, readApplication } from './application-frame.pages.ts';
import type { BodyOf } from '../../platform/http/calls.ts';
import { beginEdit, saveEdit, type Editable, type Editing } from './editing.ts';
import { refusalOf } from './forms.ts';
import { doneAt, refusedView, type ConsolePage, type ConsoleVisit } from './frame.pages.ts';
import { checkAddresses } from './new-application.pages.ts';

/** An application's settings, including its redirect URIs. */
export const applicationSettingsPage: ConsolePage = {
  path: '/console/applications/:client_id',
  scope: 'applications:read',
  changes: 'applications:write',
  show: async (visit) => settingsView(visit, await beginEdit(editableOf(visit))),
  submit: (visit) => (visit.request.fields['step'] === 'save' ? save(visit) : check(visit)),
};

const editableOf = (visit: ConsoleVisit): Editable<Application, BodyOf<typeof updateApplication>> => ({
  read: () => visit.call(getApplication, { params: paramsOf(visit) }),
  change: (body, ifMatch) => visit.call(updateApplication, { params: paramsOf(visit), body, ifMatch }),
  toForm,
});

async function save(visit: ConsoleVisit): Promise<PageReply> {
  const { type, client_id: id } = await readApplication(visit);
  const typed = typedIn(visit, type);
  const left = await saveEdit(visit, editableOf(visit), { typed, body: toBody(typed, type) });
  return left ? settingsView(visit, left) : doneAt(applicationPlace(id), 'application_saved');
}

async function check(visit: ConsoleVisit): Promise<PageReply> {
  const begun = await beginEdit(editableOf(visit));
  const form = typedIn(visit, begun.thing.type);
  const typed = { ...begun, form, version: visit.request.fields['version'] ?? '' };
  try {
    await checkAddresses(visit, form, begun.thing.type);
    return settingsView(visit, typed);
  } catch (error) {
    return settingsView(visit, { ...typed, refusal: refusalOf(error) });
  }
}

function settingsView(visit: ConsoleVisit, editing: Editing<Application>): PageReply {
  const { thing, form, version, refusal, differences } = editing;
  const { type } = thing;
  const faulty = addressFaults(form, type, refusal);
  const model = { type, form, version, differences, faulty, scopes: scopesToGive(visit) };
  const view = applicationView(visit, thing, 'settings', model);
  return refusal ? refusedView(view, refusal) : view;
}
