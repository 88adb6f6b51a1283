import type { ViewReply } from '../../platform/http/form-page.ts';
import type { LinkFlaw, Purpose } from './links.ts';

/** Where somebody with a link that does not work can go instead: an address to open, or a form to send. */
export type WayOn = { text: string; href: string } | { text: string; action: string };

/** The page behind a link that does not work: why, what to do now, and for how many minutes that has to wait. */
export function refusedLink(purpose: Purpose, flaw: LinkFlaw, wayOn?: WayOn, minutes?: number): ViewReply {
  return { view: 'link-refused', model: { purpose, flaw, wayOn, minutes }, status: 400, hasSecretAddress: true };
}
