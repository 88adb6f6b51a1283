import { listAuditEvents } from '../../directory/audit/audit.api.ts';
import type { z } from 'zod';
import { CONSOLE, MY_ACCOUNT } from '../../directory/applications/first-party.ts';
import type { auditEventReply } from '../../directory/audit/audit-event.ts';
import type { PageReply } from '../../platform/http/form-page.ts';
import { given } from './forms.ts';
import { consoleView, type ConsolePage, type ConsoleVisit } from './frame.pages.ts';
import { listView } from './list.pages.ts';
import { secondsOf } from './days.ts';

type AuditEvent = z.output<typeof auditEventReply>;

const FILTERS = [
  'actor_name',
  'action',
  'target_kind',
  'target_name',
  'target_id',
  'address',
  'sort',
  'cursor',
] as const;
const DAYS = ['after', 'before'] as const;
const TARGET_KINDS = [
  ...['user', 'users', 'group', 'role', 'application'],
  ...['job', 'import', 'key', 'settings', 'mail'],
] as const;
const PAGE_SIZE = '50';
/** As many as a reader looks through; for more, page through the API. */
const MOST_EXPORTED = 10_000;

/** The audit log. */
export const auditPage: ConsolePage = { path: '/console/audit', scope: 'audit:read', show };

/** The same, as a file of JSON Lines. */
export const auditExportPage: ConsolePage = { path: '/console/audit/export', scope: 'audit:read', show: download };

async function show(visit: ConsoleVisit): Promise<PageReply> {
  const { query } = visit.request;
  const form = given(query, [...FILTERS, ...DAYS]);
  const isLive = query['live'] === 'yes';
  const model = { form, isLive, targetKinds: TARGET_KINDS, isFiltered: Object.keys(form).length > 0 };
  return listView(
    () => search(visit, form, PAGE_SIZE),
    (page) => consoleView(visit, 'audit', 'audit', { ...model, page, placeOf: placeFor(visit) }),
  );
}

const PLACES: Record<string, string> = { user: 'users', group: 'groups', role: 'roles', application: 'applications' };
const OWN = [MY_ACCOUNT, CONSOLE];

/** The page of the target, if there is one that the administrator may open. */
const placeFor =
  ({ can }: ConsoleVisit) =>
  ({ kind, id }: AuditEvent['target']): string | undefined => {
    const list = PLACES[kind];
    return list && can(`${list}:read`) && !OWN.includes(id) ? `/console/${list}/${id}` : undefined;
  };

async function download(visit: ConsoleVisit): Promise<PageReply> {
  const { cursor: _from, ...form } = given(visit.request.query, [...FILTERS, ...DAYS]);
  const lines: string[] = [];
  let cursor: string | undefined;
  do {
    const { body } = await search(visit, { ...form, ...(cursor ? { cursor } : {}) }, '200');
    for (const event of body.result) lines.push(`${JSON.stringify(event)}\n`);
    cursor = body.next ?? undefined;
  } while (cursor && lines.length < MOST_EXPORTED);
  return { download: { type: 'application/x-ndjson', fileName: 'audit-events.jsonl', content: lines.join('') } };
}

function search({ call }: ConsoleVisit, form: Record<string, string>, limit: string) {
  const days = DAYS.flatMap((name) => (form[name] ? [[name, secondsOf(form[name])] as const] : []));
  const query = { ...form, ...Object.fromEntries(days), limit };
  return call(listAuditEvents, { query });
}
