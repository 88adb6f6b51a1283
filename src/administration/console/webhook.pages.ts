import type { z } from 'zod';
import {
  deleteWebhook,
  getWebhook,
  listDeliveries,
  replayDelivery,
  replayFailedDeliveries,
  rotateWebhookSecret,
  testWebhook,
  updateWebhook,
} from '../webhooks/webhooks.api.ts';
import type { webhookReply } from '../webhooks/webhook.ts';
import type { BodyOf } from '../../platform/http/calls.ts';
import type { PageReply, ViewReply } from '../../platform/http/form-page.ts';
import { deletionPage } from './deletion.pages.ts';
import { beginEdit, saveEdit, type Editable, type Editing } from './editing.ts';
import { given } from './forms.ts';
import { consoleView, doneAt, refusedView, type ConsolePage, type ConsoleVisit } from './frame.pages.ts';
import { webhookFields, webhookPlace } from './webhook-form.ts';
import { secretView } from './webhook-secret.pages.ts';

type Webhook = z.output<typeof webhookReply>;

const PAGE_SIZE = '20';
/** For how many seconds events are signed with the old secret too. */
const PERIODS = ['0', '3600', '86400', '604800', '2592000'];

const paramsOf = ({ request }: ConsoleVisit) => ({ webhook_id: request.params['webhook_id'] ?? '' });
const homeOf = (visit: ConsoleVisit) => webhookPlace(paramsOf(visit).webhook_id);

/** What a webhook is told, and what became of it. */
export const webhookPage: ConsolePage = {
  path: '/console/webhooks/:webhook_id',
  scope: 'webhooks:read',
  changes: 'webhooks:write',
  show: async (visit) => webhookView(visit, await beginEdit(editableOf(visit))),
  submit,
};

/** A new secret. The old one goes on for a while, so that the receiver can be changed in between. */
export const webhookSecretPage: ConsolePage = {
  path: '/console/webhooks/:webhook_id/secret',
  scope: 'webhooks:write',
  asksAfresh: 'to-show',
  async show(visit) {
    const { body } = await visit.call(getWebhook, { params: paramsOf(visit) });
    const model = { webhook: body.result, home: homeOf(visit), periods: PERIODS, period: '86400' };
    return consoleView(visit, 'webhooks', 'webhook-new-secret', model);
  },
  async submit(visit) {
    const period = PERIODS.find((each) => each === visit.request.fields['keep']) ?? '86400';
    const query = { previous_valid_seconds: period };
    const { body } = await visit.call(rotateWebhookSecret, { params: paramsOf(visit), query });
    return secretView(visit, body.result);
  },
};

export const webhookDeletePage = deletionPage({
  path: '/console/webhooks/:webhook_id/delete',
  scope: 'webhooks:write',
  remove: (visit) => visit.call(deleteWebhook, { params: paramsOf(visit) }),
  async view(visit) {
    const { body } = await visit.call(getWebhook, { params: paramsOf(visit) });
    return consoleView(visit, 'webhooks', 'webhook-delete', { webhook: body.result, home: homeOf(visit) });
  },
  leadsTo: '/console/webhooks',
  says: 'webhook_deleted',
});

const editableOf = (visit: ConsoleVisit): Editable<Webhook, BodyOf<typeof updateWebhook>> => ({
  read: () => visit.call(getWebhook, { params: paramsOf(visit) }),
  change: (body, ifMatch) => visit.call(updateWebhook, { params: paramsOf(visit), body, ifMatch }),
  toForm: ({ url, description, events, enabled }) => ({
    url,
    description,
    events: events.join('\n'),
    enabled: enabled ? 'yes' : '',
  }),
});

async function submit(visit: ConsoleVisit): Promise<PageReply> {
  const { fields } = visit.request;
  const params = paramsOf(visit);
  if (fields['test']) {
    await visit.call(testWebhook, { params });
    return doneAt(homeOf(visit), 'webhook_tested');
  }
  if (fields['replay']) {
    if (fields['replay'] === 'failed') await visit.call(replayFailedDeliveries, { params });
    else await visit.call(replayDelivery, { params: { ...params, delivery_id: fields['replay'] } });
    return doneAt(homeOf(visit), 'webhook_replayed');
  }
  const body = { ...webhookFields(fields), enabled: Boolean(fields['enabled']) };
  const typed = { ...body, events: body.events.join('\n'), enabled: body.enabled ? 'yes' : '' };
  const left = await saveEdit(visit, editableOf(visit), { typed, body });
  return left ? webhookView(visit, left) : doneAt(homeOf(visit), 'webhook_saved');
}

async function webhookView(
  visit: ConsoleVisit,
  { thing: webhook, form, version, refusal, differences }: Editing<Webhook>,
): Promise<ViewReply> {
  const query = { limit: PAGE_SIZE, ...given(visit.request.query, ['cursor']) };
  const { body: deliveries } = await visit.call(listDeliveries, { params: paramsOf(visit), query });
  const mayEdit = visit.can('webhooks:write') && visit.can('audit:read');
  const model = { webhook, home: homeOf(visit), form, version, differences, deliveries, mayEdit };
  const view = consoleView(visit, 'webhooks', 'webhook', model);
  return refusal ? refusedView(view, refusal) : view;
}
