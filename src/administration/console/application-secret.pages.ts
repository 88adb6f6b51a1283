import { rotateSecret } from '../../directory/applications/applications.api.ts';
import type { PageReply } from '../../platform/http/form-page.ts';
import { applicationView, paramsOf, readApplication, readClaim } from './application-frame.pages.ts';
import { refusalOf, type Refusal } from './forms.ts';
import { refusedView, type ConsolePage, type ConsoleVisit } from './frame.pages.ts';
import { secretView, snippetsOf } from './new-application.pages.ts';

/** Settings of the software that an application runs on, to be pasted. */
export const applicationConnectPage = (issuer: string): ConsolePage => ({
  path: '/console/applications/:client_id/connect',
  scope: 'applications:read',
  async show(visit) {
    const application = await readApplication(visit);
    const snippets = snippetsOf(application, issuer, await readClaim(visit));
    return applicationView(visit, application, 'connect', { snippets, issuer });
  },
});

/** For how many seconds the old secret may stay valid. */
const PERIODS = ['0', '3600', '86400', '604800', '2592000'];

/** A new secret. The old one stops working at once or after a while, so the page asks for confirmation. */
export const applicationSecretPage = (issuer: string): ConsolePage => ({
  path: '/console/applications/:client_id/secret',
  scope: 'applications:write',
  asksAfresh: 'to-show',
  show: (visit) => confirmView(visit),
  submit: (visit) => replace(visit, issuer),
});

async function replace(visit: ConsoleVisit, issuer: string): Promise<PageReply> {
  if (!visit.request.fields['confirmed'])
    return confirmView(visit, { code: 'not_confirmed', detail: '', faults: { confirmed: 'missing' }, status: 400 });
  try {
    // Read before, since a new secret is shown only once.
    const claim = await readClaim(visit);
    const period = PERIODS.find((each) => each === visit.request.fields['keep']) ?? '0';
    const { body } = await visit.call(rotateSecret, {
      params: paramsOf(visit),
      query: { previous_valid_seconds: period },
    });
    const { client_secret: secret, ...application } = body.result;
    return secretView(visit, application, { secret, issuer, claim });
  } catch (error) {
    return confirmView(visit, refusalOf(error));
  }
}

async function confirmView(visit: ConsoleVisit, refusal?: Refusal): Promise<PageReply> {
  const view = applicationView(visit, await readApplication(visit), 'settings', {
    view: 'new-secret',
    periods: PERIODS,
    period: visit.request.fields['keep'] ?? '0',
  });
  return refusal ? refusedView(view, refusal) : view;
}
