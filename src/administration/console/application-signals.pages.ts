import { ON_ACCESS_LOST } from '../../directory/applications/signal-settings.ts';
import { getSignalSettings, setSignalSettings } from '../../directory/applications/application-signals.api.ts';
import { deleteStream, listSecurityEvents, listStreams } from '../../oidc/shared-signals/shared-signals.api.ts';
import type { BodyOf } from '../../platform/http/calls.ts';
import type { PageReply } from '../../platform/http/form-page.ts';
import { applicationPlace, applicationView, paramsOf, readApplication } from './application-frame.pages.ts';
import { given, isMissing, refusalOf, type Refusal } from './forms.ts';
import { doneAt, refusedView, type ConsolePage, type ConsoleVisit } from './frame.pages.ts';

type Body = BodyOf<typeof setSignalSettings>;

/** How an application learns of changes, and how its event streams are doing. */
export const applicationSignalsPage: ConsolePage = {
  path: '/console/applications/:client_id/signals',
  scope: 'applications:read',
  changes: 'applications:write',
  show,
  submit,
};

const place = (visit: ConsoleVisit) => applicationPlace(paramsOf(visit).client_id, 'signals');

async function show(visit: ConsoleVisit): Promise<PageReply> {
  try {
    const { body } = await visit.call(getSignalSettings, { params: paramsOf(visit) });
    return await signalsView(visit, body.result);
  } catch (error) {
    if (!isMissing(error, 'not_a_sign_in_client')) throw error;
    return { redirect: applicationPlace(paramsOf(visit).client_id) };
  }
}

async function submit(visit: ConsoleVisit): Promise<PageReply> {
  const { fields } = visit.request;
  const body = bodyIn(fields);
  try {
    if (fields['stream']) {
      await visit.call(deleteStream, { params: { ...paramsOf(visit), stream_id: fields['stream'] } });
      return doneAt(place(visit), 'stream_deleted');
    }
    await visit.call(setSignalSettings, { params: paramsOf(visit), body });
  } catch (error) {
    return signalsView(visit, body, refusalOf(error));
  }
  return doneAt(place(visit), 'signals_saved');
}

const bodyIn = (fields: Record<string, string>): Body => ({
  shared_signals: fields['shared_signals'] === 'yes',
  on_access_lost: ON_ACCESS_LOST.find((value) => value === fields['on_access_lost']) ?? 'nothing',
});

async function signalsView(visit: ConsoleVisit, settings: Body, refusal?: Refusal): Promise<PageReply> {
  const call = { params: paramsOf(visit) };
  const application = await readApplication(visit);
  const { body: streams } = await visit.call(listStreams, call);
  const query = given(visit.request.query, ['cursor']);
  const { body: events } = await visit.call(listSecurityEvents, { ...call, query });
  const model = {
    settings,
    mayReceive: application.type === 'web',
    endings: ON_ACCESS_LOST,
    streams: streams.result,
    events,
  };
  const view = applicationView(visit, application, 'signals', model);
  return refusal ? refusedView(view, refusal) : view;
}
