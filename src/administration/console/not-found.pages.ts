import { CohortError } from '../../platform/errors.ts';
import type { PageReply } from '../../platform/http/form-page.ts';
import { consoleView, type ConsolePage, type ConsoleVisit } from './frame.pages.ts';
import { sectionAt } from './menu.ts';

/** Every address below the console that no other page has. */
export const notFoundPage: ConsolePage = {
  path: '/console/*rest',
  scope: 'users:read',
  show: async (visit) => missingView(visit, '/console'),
};

/** The same page; if something does not exist or is outside of the admin scope, it says so under the console's menu. */
export function withNotFound(page: ConsolePage): ConsolePage {
  const { show, submit, path } = page;
  const guard = (act: (visit: ConsoleVisit) => Promise<PageReply>) => async (visit: ConsoleVisit) => {
    try {
      return await act(visit);
    } catch (error) {
      if (isMissing(error, visit)) return missingView(visit, path);
      throw error;
    }
  };
  return { ...page, ...(show ? { show: guard(show) } : {}), ...(submit ? { submit: guard(submit) } : {}) };
}

/** Nothing has an id that cannot be one. */
function isMissing(error: unknown, { request: { params } }: ConsoleVisit): boolean {
  if (!(error instanceof CohortError)) return false;
  const isNoId = error.faults.length > 0 && error.faults.every(({ parameter = '' }) => parameter in params);
  return error.kind === 'missing' || (error.kind === 'invalid' && isNoId);
}

function missingView(visit: ConsoleVisit, path: string): PageReply {
  const { name, href } = sectionAt(path);
  return { ...consoleView(visit, name, 'not-found', { list: { name, href } }), status: 404 };
}
