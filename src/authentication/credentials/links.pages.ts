import type { ViewReply } from '../../platform/http/form-page.ts';
import type { LinkFlaw, Purpose } from './links.ts';

/** What a user whose link does not work can do instead: open a URL, or send a form. */
export type WayOn = { text: string; href: string } | { text: string; action: string };

/** The page for a link that does not work: why, what to do, and how many minutes to wait for that. */
export function refusedLink(purpose: Purpose, flaw: LinkFlaw, wayOn?: WayOn, minutes?: number): ViewReply {
  return { view: 'link-refused', model: { purpose, flaw, wayOn, minutes }, status: 400, hasSecretAddress: true };
}
