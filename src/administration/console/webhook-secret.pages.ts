import type { ViewReply } from '../../platform/http/form-page.ts';
import { webhookPlace } from './webhook-form.ts';
import { consoleView, type ConsoleVisit } from './frame.pages.ts';

/** Shows a secret, once. */
export const secretView = (
  visit: ConsoleVisit,
  { webhook_id: id, secret, url }: { webhook_id: string; secret: string; url: string },
): ViewReply => consoleView(visit, 'webhooks', 'webhook-secret', { home: webhookPlace(id), secret, url });
