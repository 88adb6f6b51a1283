export const webhookPlace = (id: string): string => `/console/webhooks/${id}`;

/** The fields of the form as a body; types of events are one per line. */
export const webhookFields = ({ url = '', description = '', events = '' }: Record<string, string>) => ({
  url: url.trim(),
  description: description.trim(),
  events: events.split(/[\s,]+/).filter(Boolean),
});
