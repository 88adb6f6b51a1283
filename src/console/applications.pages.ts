import type { PageReply } from '../http/form-page.ts';
import type { Application } from './application-form.ts';
import { applicationDeletePage } from './application-delete.pages.ts';
import { applicationPreviewPage } from './application-preview.pages.ts';
import { applicationConnectPage, applicationSecretPage } from './application-secret.pages.ts';
import { applicationSettingsPage } from './application-settings.pages.ts';
import { given, refusalOf } from './forms.ts';
import { consoleView, refusedView, type ConsolePage, type ConsoleVisit, type Many } from './frame.pages.ts';
import { newApplicationPage } from './new-application.pages.ts';

/** Everything that people sign in to, and every service. */
const applicationsPage: ConsolePage = {
  path: '/console/applications',
  scope: 'applications:read',
  show: showApplications,
};

async function showApplications(visit: ConsoleVisit): Promise<PageReply> {
  const form = given(visit.request.query, ['cursor']);
  try {
    const query = { ...form, limit: '50' };
    const { body: page } = await visit.call<Many<Application>>('get /v1/applications', { query });
    return consoleView(visit, 'applications', 'applications', { form, page });
  } catch (error) {
    const page: Many<Application> = { result: [], next: null, previous: null };
    return refusedView(consoleView(visit, 'applications', 'applications', { form, page }), refusalOf(error));
  }
}

/** Applications, and the parts of an application's page. */
export const applicationPages = (issuer: string): ConsolePage[] => [
  applicationsPage,
  newApplicationPage(issuer),
  applicationSettingsPage,
  applicationConnectPage(issuer),
  applicationPreviewPage,
  applicationSecretPage(issuer),
  applicationDeletePage,
];
