import { parse } from 'csv-parse/sync';
import { usernameShape } from '../../directory/users/user.ts';

/** What a list of users says, and the rows of which no user can be read. */
export interface UsernameList {
  usernames: string[];
  faulty: string[];
}

const USERNAME_COLUMN = /^(username|e-?mail)$/i;

/**
 * The usernames in a list, or in the column `username` or `email` of CSV; without such a header the first column. A row
 * with anything else is a fault and not left out silently.
 */
export function readUsernameList(text: string): UsernameList {
  const { rows, unread } = readRows(text);
  const header = rows[0]?.findIndex((cell) => USERNAME_COLUMN.test(cell.trim())) ?? -1;
  const column = Math.max(header, 0);
  const usernames = new Set<string>();
  const faulty: string[] = [];
  for (const row of header >= 0 ? rows.slice(1) : rows) {
    const username = usernameShape.safeParse(row[column]).data;
    if (username) usernames.add(username);
    else faulty.push(row.join(', '));
  }
  return { usernames: [...usernames], faulty: [...faulty, ...unread] };
}

function readRows(text: string): { rows: string[][]; unread: string[] } {
  const unread: string[] = [];
  // What spreadsheets write before the header to say what is between the cells.
  const rows = parse(text.replace(/^\uFEFF?"?sep=."?\r?\n/i, ''), {
    bom: true,
    delimiter: [',', ';', '\t'],
    record_delimiter: ['\r\n', '\n', '\r'],
    ltrim: true,
    relax_quotes: true,
    relax_column_count: true,
    skip_records_with_empty_values: true,
    raw: true,
    // After a quote that is not closed, the rest of the list is one cell.
    skip_records_with_error: true,
    on_skip: (_error, raw) => void unread.push(raw?.trim() ?? ''),
    // With `raw` a row is an object, which the types leave out.
  }) as unknown as { record: string[] }[];
  return { rows: rows.map(({ record }) => record), unread };
}
