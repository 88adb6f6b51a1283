import { createApplication } from '../../directory/applications/applications.api.ts';
import { APPLICATION_TYPES, type ApplicationType } from '../../directory/applications/application.ts';
import { DEFAULT_CLAIM_POLICY } from '../../directory/applications/claim-policy.ts';
import { newId } from '../../platform/ids.ts';
import type { PageReply } from '../../platform/http/form-page.ts';
import { addressFaults, scopesToGive, toNewBody, typedIn, type Application } from './application-form.ts';
import { applicationView } from './application-frame.pages.ts';
import type { Form } from './editing.ts';
import { refusalOf, type Refusal } from './forms.ts';
import { consoleView, refusedView, type ConsolePage, type ConsoleVisit } from './frame.pages.ts';
import { snippetsFor } from './snippets.ts';

/** An application is made in two steps: of what kind it is, then its name and addresses. Its secret is shown at once. */
export const newApplicationPage = (issuer: string): ConsolePage => ({
  path: '/console/applications/new',
  scope: 'applications:write',
  show: async (visit) => begin(visit, visit.request.query['type']),
  submit: (visit) => nextStep(visit, issuer),
});

const typeOf = (type = '') => APPLICATION_TYPES.find((known) => known === type);

function begin(visit: ConsoleVisit, wanted: string | undefined): PageReply {
  const type = typeOf(wanted);
  if (!type) return consoleView(visit, 'applications', 'new-application', { types: APPLICATION_TYPES });
  // Chosen here, so that a form that is sent twice makes one application.
  return detailsView(visit, type, { client_id: newId() });
}

async function nextStep(visit: ConsoleVisit, issuer: string): Promise<PageReply> {
  const { fields } = visit.request;
  const type = typeOf(fields['type']);
  if (!type || !fields['step']) return begin(visit, fields['type']);
  const form = { ...typedIn(visit, type), client_id: fields['client_id'] ?? '' };
  try {
    if (fields['step'] === 'create') return await create(visit, type, form, issuer);
    await checkAddresses(visit, form, type);
    return detailsView(visit, type, form);
  } catch (error) {
    return detailsView(visit, type, form, refusalOf(error));
  }
}

async function create(visit: ConsoleVisit, type: ApplicationType, form: Form, issuer: string): Promise<PageReply> {
  const body = { ...toNewBody(form, type), client_id: form['client_id'] || newId() };
  const reply = await visit.call(createApplication, {
    body,
  });
  const { client_secret: secret, ...application } = reply.body.result;
  return secretView(visit, application, { secret, issuer, claim: DEFAULT_CLAIM_POLICY.claim, isNew: true });
}

/** Tried without doing anything; what is not typed yet is no fault. @throws what creating it would */
export async function checkAddresses(visit: ConsoleVisit, form: Form, type: ApplicationType): Promise<void> {
  const body = toNewBody({ ...form, name: form['name'] || '-' }, type);
  await visit.dryRun(createApplication, { body });
}

function detailsView(visit: ConsoleVisit, type: ApplicationType, form: Form, refusal?: Refusal): PageReply {
  const faulty = addressFaults(form, type, refusal);
  const model = { type, form, faulty, scopes: scopesToGive(visit) };
  const view = consoleView(visit, 'applications', 'new-application-details', model);
  return refusal ? refusedView(view, refusal) : view;
}

export interface SecretModel {
  secret: string | null;
  issuer: string;
  /** The claim that has the application's groups. */
  claim: string;
  isNew?: true;
}

/** The answer to the form itself, since the secret is nowhere to be read again. */
export function secretView(visit: ConsoleVisit, application: Application, { issuer, claim, ...model }: SecretModel) {
  return applicationView(visit, application, 'settings', {
    view: 'secret',
    ...model,
    snippets: snippetsOf(application, issuer, claim),
  });
}

export function snippetsOf(
  { client_id: clientId, type, redirect_uris: [redirectUri], scopes }: Application,
  issuer: string,
  claim: string,
) {
  return snippetsFor({ issuer, clientId, type, redirectUri, scopes, claim });
}
