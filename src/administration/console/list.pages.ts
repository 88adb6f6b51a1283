import type { Reply } from '../../platform/http/calls.ts';
import type { PageReply, ViewReply } from '../../platform/http/form-page.ts';
import { refusalOf, type Refusal } from './forms.ts';
import { refusedView, type Many } from './frame.pages.ts';

/** What a search found, shown; what the API refuses of it is said over an empty list. @throws whatever else `read` does */
export async function listView<T>(
  read: () => Promise<Reply<Many<T>>>,
  show: (page: Many<T>) => ViewReply | Promise<ViewReply>,
): Promise<PageReply> {
  const found = await read().then(
    ({ body }) => body,
    (error: unknown) => refusalOf(error),
  );
  return isRefusal(found) ? refusedView(await show({ result: [], next: null, previous: null }), found) : show(found);
}

const isRefusal = (found: object): found is Refusal => 'faults' in found;
