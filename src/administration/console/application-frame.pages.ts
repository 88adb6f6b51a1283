import { getApplication } from '../../directory/applications/applications.api.ts';
import { getClaimPolicy } from '../../directory/applications/claim-policies.api.ts';
import type { ViewReply } from '../../platform/http/form-page.ts';
import type { Application } from './application-form.ts';
import { consoleView, type ConsoleVisit } from './frame.pages.ts';

/** The parts of an application's page, each at an address of its own. */
const TABS = ['settings', 'connect', 'access', 'claims', 'preview', 'signals', 'protocol'] as const;
/** Services sign nobody in. */
const OF_USERS: readonly string[] = ['access', 'claims', 'preview', 'signals'];
export type ApplicationTab = (typeof TABS)[number];

export const applicationPlace = (clientId: string, part: string = 'settings') =>
  `/console/applications/${clientId}${part === 'settings' ? '' : `/${part}`}`;

export const paramsOf = ({ request }: ConsoleVisit) => ({ client_id: request.params['client_id'] ?? '' });

/** Whose page it is. @throws ApplicationNotFound */
export async function readApplication(visit: ConsoleVisit): Promise<Application> {
  const { body } = await visit.call(getApplication, { params: paramsOf(visit) });
  return body.result;
}

/** The claim that has the application's groups. */
export async function readClaim(visit: ConsoleVisit): Promise<string> {
  const call = getClaimPolicy;
  return (await visit.call(call, { params: paramsOf(visit) })).body.result.claim;
}

/** Administrators cannot change an application that has more scopes than they have. */
export const mayChange = ({ can }: ConsoleVisit, { scopes }: Application) =>
  can('applications:write') && scopes.every(can);

/** The view `application-<tab>`, under the application's name and the tabs that the administrator may open. */
export function applicationView(
  visit: ConsoleVisit,
  application: Application,
  tab: ApplicationTab,
  { view = tab, ...model }: Record<string, unknown> & { view?: string } = {},
): ViewReply {
  const { client_id: id, type } = application;
  const opens = (name: ApplicationTab) =>
    type === 'service' ? !OF_USERS.includes(name) : name !== 'preview' || visit.can('users:read');
  const tabs = TABS.filter(opens).map((name) => ({
    name,
    href: applicationPlace(id, name),
  }));
  const hasSecret = application.token_endpoint_auth_method.startsWith('client_secret_');
  const common = { application, tab, tabs, home: applicationPlace(id), mayEdit: mayChange(visit, application) };
  return consoleView(visit, 'applications', `application-${view}`, { ...common, hasSecret, ...model });
}
