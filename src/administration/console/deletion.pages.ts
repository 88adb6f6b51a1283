import type { z } from 'zod';
import type { Reply } from '../../platform/http/calls.ts';
import type { impactReply } from '../../platform/impact.ts';
import type { PageReply, ViewReply } from '../../platform/http/form-page.ts';
import { refusalOf, type Refusal } from './forms.ts';
import { doneAt, refusedView, type ConsolePage, type ConsoleVisit } from './frame.pages.ts';

type Impacts = z.output<typeof impactReply>['result']['impact'];

export interface DeletionOptions {
  path: ConsolePage['path'];
  scope: string;
  remove(visit: ConsoleVisit): Promise<unknown>;
  /** The dry run of the same call: what goes with it. Absent where nothing does. */
  findImpact?(visit: ConsoleVisit): Promise<Reply<z.output<typeof impactReply>>>;
  /** What is wrong with the confirmation; by default, a checkbox is required. */
  faultsOf?(visit: ConsoleVisit): Promise<Record<string, string> | undefined>;
  view(visit: ConsoleVisit, impact: Impacts): Promise<ViewReply>;
  /** Where it leads afterwards, and what is said there. */
  leadsTo: string;
  says: string;
}

/** A page that says what goes with a thing, and deletes it once it is confirmed by who has signed in afresh. */
export function deletionPage(options: DeletionOptions): ConsolePage {
  const { path, scope, remove, findImpact, faultsOf = boxMissing, view, leadsTo, says } = options;

  async function show(visit: ConsoleVisit, refusal?: Refusal): Promise<PageReply> {
    const found = (await findImpact?.(visit))?.body.result.impact ?? [];
    const impact = found.filter(({ count }) => count.value > 0);
    const shown = await view(visit, impact);
    return refusal ? refusedView(shown, refusal) : shown;
  }

  async function submit(visit: ConsoleVisit): Promise<PageReply> {
    const faults = await faultsOf(visit);
    if (faults) return show(visit, { code: 'not_confirmed', detail: '', faults, status: 400 });
    try {
      await remove(visit);
    } catch (error) {
      return show(visit, refusalOf(error));
    }
    return doneAt(leadsTo, says);
  }

  return { path, scope, asksAfresh: 'to-show', show: (visit) => show(visit), submit };
}

const boxMissing = async ({ request: { fields } }: ConsoleVisit): Promise<Record<string, string> | undefined> =>
  fields['confirmed'] ? undefined : { confirmed: 'missing' };
