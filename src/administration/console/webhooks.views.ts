import { choicesOf, textsOf, type ViewModels, type Words } from '../../platform/view-model.ts';
import type { z } from 'zod';
import type { listDeliveries } from '../webhooks/webhooks.api.ts';
import type { webhookReply } from '../webhooks/webhook.ts';
import { factsOf } from './facts.views.ts';

interface Webhook extends Words {
  form: Record<string, string | undefined>;
  deliveries: z.output<typeof listDeliveries.reply>;
}

interface Webhooks {
  page: { result: z.output<typeof webhookReply>[] };
}

export const webhookViewModels: ViewModels = {
  'console/webhooks': ({ page }: Webhooks) => ({
    rows: page.result.map((webhook) => ({ ...webhook, types: webhook.events.join(', ') })),
  }),

  'console/webhook': ({ form, deliveries, t }: Webhook) => {
    const labels = textsOf(Object.keys(form), 'consoleWebhook.fields', t);
    return {
      labels,
      facts: factsOf(form, labels, { flags: ['enabled'], t }),
      hasFailed: deliveries.result.some(({ status }) => status === 'failed'),
      rows: deliveries.result.map((delivery) => ({
        ...delivery,
        state: t(`consoleWebhook.status.${delivery.status}`),
        answer: delivery.error ?? (delivery.response_status === null ? '' : `HTTP ${delivery.response_status}`),
        attemptsText: t('consoleWebhook.attempts', { count: delivery.attempts }),
        text: JSON.stringify(delivery.payload, null, 2),
      })),
    };
  },

  'console/webhook-new-secret': ({ periods, t }: Words & { periods: string[] }) => ({
    periodChoices: choicesOf(periods, 'consoleWebhook.secret.periods', t),
  }),
};
