import { createWebhook, listWebhooks } from '../webhooks/webhooks.api.ts';
import type { BodyOf } from '../../platform/http/calls.ts';
import type { PageReply } from '../../platform/http/form-page.ts';
import { given, refusalOf, type Refusal } from './forms.ts';
import { consoleView, refusedView, type ConsolePage, type ConsoleVisit } from './frame.pages.ts';
import { listView } from './list.pages.ts';
import { webhookDeletePage, webhookPage, webhookSecretPage } from './webhook.pages.ts';
import { webhookFields } from './webhook-form.ts';
import { secretView } from './webhook-secret.pages.ts';

const PAGE_SIZE = '50';

/** Where events are sent to. */
const webhooksPage: ConsolePage = {
  path: '/console/webhooks',
  scope: 'webhooks:read',
  show: (visit) => {
    const form = given(visit.request.query, ['cursor']);
    return listView(
      () => visit.call(listWebhooks, { query: { ...form, limit: PAGE_SIZE } }),
      (page) => consoleView(visit, 'webhooks', 'webhooks', { form, page }),
    );
  },
};

const newWebhookPage: ConsolePage = {
  path: '/console/webhooks/new',
  scope: 'webhooks:write',
  asksAfresh: 'to-show',
  show: async (visit) => newWebhookView(visit, { url: '', description: '', events: '*' }),
  submit: create,
};

export const webhookPages: ConsolePage[] = [
  webhooksPage,
  newWebhookPage,
  webhookPage,
  webhookSecretPage,
  webhookDeletePage,
];

async function create(visit: ConsoleVisit): Promise<PageReply> {
  const { fields } = visit.request;
  try {
    const body: BodyOf<typeof createWebhook> = webhookFields(fields);
    const { body: made } = await visit.call(createWebhook, { body });
    return secretView(visit, made.result);
  } catch (error) {
    return newWebhookView(visit, given(fields, ['url', 'description', 'events']), refusalOf(error));
  }
}

function newWebhookView(visit: ConsoleVisit, form: Record<string, string>, refusal?: Refusal): PageReply {
  const view = consoleView(visit, 'webhooks', 'new-webhook', { form });
  return refusal ? refusedView(view, refusal) : view;
}
