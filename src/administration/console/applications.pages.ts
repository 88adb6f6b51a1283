import type { IdTokenScope } from '../../directory/applications/claim-policy.ts';
import { listApplications } from '../../directory/applications/applications.api.ts';
import { APPLICATION_TYPES } from '../../directory/applications/application.ts';
import type { PageReply } from '../../platform/http/form-page.ts';
import { applicationAccessPage } from './application-access.pages.ts';
import { applicationSignalsPage } from './application-signals.pages.ts';
import { applicationClaimsPage } from './application-claims.pages.ts';
import { applicationDeletePage } from './application-delete.pages.ts';
import { applicationPreviewPage } from './application-preview.pages.ts';
import { applicationProtocolPage } from './application-protocol.pages.ts';
import { applicationConnectPage, applicationSecretPage } from './application-secret.pages.ts';
import { applicationSettingsPage } from './application-settings.pages.ts';
import { given } from './forms.ts';
import { consoleView, type ConsolePage, type ConsoleVisit } from './frame.pages.ts';
import { listView } from './list.pages.ts';
import { newApplicationPage } from './new-application.pages.ts';

const PAGE_SIZE = '25';

/** All relying parties and services. */
const applicationsPage: ConsolePage = {
  path: '/console/applications',
  scope: 'applications:read',
  show: showApplications,
};

async function showApplications(visit: ConsoleVisit): Promise<PageReply> {
  const form = given(visit.request.query, ['q', 'type', 'sort', 'cursor']);
  const model = { form, types: APPLICATION_TYPES, isFiltered: Boolean(form['q'] || form['type']) };
  const query = { ...form, limit: PAGE_SIZE, count: 'true' };
  return listView(
    () => visit.call(listApplications, { query }),
    (page) => consoleView(visit, 'applications', 'applications', { ...model, page }),
  );
}

/** Applications, and the parts of an application's page. */
export const applicationPages = (
  issuer: string,
  claimScopes: readonly IdTokenScope[],
  resources: readonly string[],
): ConsolePage[] => [
  applicationsPage,
  newApplicationPage(issuer),
  applicationSettingsPage,
  applicationConnectPage(issuer),
  applicationProtocolPage,
  applicationAccessPage,
  applicationSignalsPage,
  applicationClaimsPage(claimScopes),
  applicationPreviewPage(resources),
  applicationSecretPage(issuer),
  applicationDeletePage,
];
