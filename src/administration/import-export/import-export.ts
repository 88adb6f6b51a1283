import { holds, type Actor } from '../../platform/actor.ts';
import type { Id } from '../../platform/ids.ts';
import type { Transact } from '../../platform/transaction.ts';
import type { Audit } from '../../directory/audit/audit.ts';
import {
  readRow,
  type Changes,
  type ImportOptions,
  type Kind,
  type Locations,
  type Plan,
  type Settled,
} from './record-type.ts';
import type { Columns, RowFault, SourceRow, RecordType } from './row.ts';
import { fillPage, type FilledPage } from './job-files.ts';

/** At most so many rows are imported in one transaction. */
export const BATCH_ROWS = 500;

/** What became of a row. */
export type Outcome = 'created' | 'updated' | 'unchanged' | 'failed';

export interface RowOutcome {
  line: number;
  outcome: Outcome;
  /** Every fault of a row that failed; empty for the others. */
  faults: RowFault[];
}

export interface ImportOrder {
  type: RecordType;
  options: ImportOptions;
  actor: Actor;
  /** Where the rows come from, for the audit log: a job, or a file. */
  source: { id: string; name: string };
  /** How many rows of the file were read before these. */
  rowsBefore: number;
}

export interface ExportPage {
  rows: Record<string, unknown>[];
  /** The id after which the next page begins; undefined at the end. */
  next: Id | undefined;
  /** The scopes that the secrets of the rows grant. */
  powers: string[];
  /** What is in the page without its secrets. */
  withheld: Withheld[];
}

/** A thing whose secrets the actor may not have, because they give more than the actor has. */
export interface Withheld {
  name: string;
  columns: readonly string[];
  /** Those that are lacking. */
  scopes: string[];
}

export interface ExportPageRequest {
  after: Id | undefined;
  limit: number;
  withSecrets: boolean;
  actor: Actor;
}

export interface ImportExportOptions {
  kinds: Record<RecordType, Kind>;
  audit: Audit;
  transact: Transact;
}

export type ImportExport = ReturnType<typeof createImportExport>;

/** Brings things in and takes them out, many at a time. */
export function createImportExport({ kinds, audit, transact }: ImportExportOptions) {
  /**
   * Creates what the rows name and is not there, and changes what differs; what is as its row says is not written. All of
   * a batch's writes happen or none of them. A faulty row is left out and keeps no other from being imported.
   */
  async function importBatch(rows: SourceRow[], order: ImportOrder): Promise<RowOutcome[]> {
    const kind = kinds[order.type];
    const parsed = rows.map((row) => parseRow(kind, row));
    const good = parsed.flatMap((one) => ('row' in one ? [one.row] : []));
    if (!order.options.dryRun) await kind.prepare?.(good);
    const work = async () => {
      const page = await fillPage(kind, good);
      const plan = await kind.plan(good, order);
      const locations = await kind.locator?.plan(page, order);
      const outcomes = parsed.map((one) => settleRow(one, { kind, plan, page, locations }));
      const changes = page.changes();
      if (!order.options.dryRun) await write({ kind, plan, changes, outcomes }, order);
      return { outcomes, plan, changes };
    };
    const { outcomes } = await transact(work, async ({ plan, changes }) => {
      if (!order.options.dryRun) await plan.afterwards?.(changes);
    });
    return outcomes;
  }

  async function write<Entity>(
    { kind, plan, changes, outcomes }: Settlement<Entity>,
    { type, source, actor }: ImportOrder,
  ): Promise<void> {
    const { created, updated } = changes;
    if (created.length + updated.length === 0) return;
    await plan.writeFirst?.(changes);
    await kind.store.insert(created);
    await kind.store.update(updated);
    await plan.writeLast?.(changes);
    // One entry for all of them: one for each would be as much work again as the import itself.
    await audit.record(
      actor,
      `${type}.imported`,
      { kind: 'import', ...source },
      {
        outcomes: countOutcomes(outcomes),
        created: created.map((thing) => named(kind, thing)),
        updated: updated.map(({ after }) => named(kind, after)),
        ...plan.details?.(changes),
      },
    );
  }

  /** The next things after an id, as rows; secrets are left out unless asked for, and where they give more than the actor has. */
  async function exportPage(type: RecordType, request: ExportPageRequest): Promise<ExportPage> {
    const { after, limit, withSecrets, actor } = request;
    const { store, identityOf, present, powersOf, secretColumns: columns } = kinds[type];
    const things = await store.page(after, limit);
    const next = things.length < limit ? undefined : identityOf(things.at(-1)).id;
    const rows = await present(things, withSecrets);
    if (!withSecrets) return { rows, next, powers: [], withheld: [] };
    const powers = new Set<string>();
    const withheld = things.flatMap((thing, index): Withheld[] => {
      const own = powersOf(thing);
      const scopes = own.filter((scope) => !holds(actor, scope));
      if (scopes.length > 0) {
        const row = rows[index]!;
        const held = columns.filter((column) => row[column] !== undefined);
        for (const column of held) delete row[column];
        return [{ name: identityOf(thing).name, columns: held, scopes }];
      }
      for (const scope of own) powers.add(scope);
      return [];
    });
    return { rows, next, powers: [...powers], withheld };
  }

  /** The columns of a file that is imported. */
  const columnsOf = (type: RecordType): Columns => kinds[type].columns;

  /** The columns of an export. */
  function exportColumnsOf(type: RecordType, withSecrets: boolean): Columns {
    const { columns, secretColumns, importColumns = [] } = kinds[type];
    const hidden = [...importColumns, ...(withSecrets ? [] : secretColumns)];
    return Object.fromEntries(Object.entries(columns).filter(([name]) => !hidden.includes(name)));
  }

  return { importBatch, exportPage, columnsOf, exportColumnsOf };
}

/** How many rows came to what. */
export function countOutcomes(outcomes: RowOutcome[]): Record<Outcome, number> {
  const counts = { created: 0, updated: 0, unchanged: 0, failed: 0 };
  for (const { outcome } of outcomes) counts[outcome] += 1;
  return counts;
}

/** What a batch came to, before it is written. */
interface Settlement<Entity> {
  kind: Kind<unknown, Entity>;
  plan: Plan<unknown, Entity>;
  changes: Changes<Entity>;
  outcomes: RowOutcome[];
}

type ParsedRow<Row> = { line: number } & ({ row: Row } | { faults: RowFault[] });

function parseRow<Row>(kind: Kind<Row, unknown>, { line, values, faults }: SourceRow): ParsedRow<Row> {
  // A record that gave no values has nothing more to be said about.
  if (faults.length > 0 && Object.keys(values).length === 0) return { line, faults };
  const known = Object.entries(values).filter(([name]) => !faults.some(({ column }) => column === name));
  const read = readRow(kind.shape, Object.fromEntries(known));
  if (faults.length === 0) return { line, ...read };
  return { line, faults: 'faults' in read ? [...faults, ...read.faults] : faults };
}

interface Batch<Row, Entity> {
  kind: Kind<Row, Entity>;
  plan: Plan<Row, Entity>;
  page: FilledPage<Entity>;
  locations: Locations<Row> | undefined;
}

function settleRow<Row, Entity>(
  parsed: ParsedRow<Row>,
  { kind, plan, page, locations }: Batch<Row, Entity>,
): RowOutcome {
  const { line } = parsed;
  const failed = (faults: RowFault[]): RowOutcome => ({ line, outcome: 'failed', faults });
  if ('faults' in parsed) return failed(parsed.faults);
  const located = locations?.locate(parsed.row) ?? parsed;
  if ('faults' in located) return failed([...located.faults, ...faultsIn(plan.settle(parsed.row, undefined))]);
  const { key, id } = kind.identify(located.row);
  const existing = page.byKey(key);
  const settled = plan.settle(located.row, existing);
  const clashes = idFaults(id, key, existing === undefined ? undefined : kind.identityOf(existing).id, page);
  if ('faults' in settled || clashes.length > 0) return failed([...clashes, ...faultsIn(settled)]);
  if (settled.thing === existing) return { line, outcome: 'unchanged', faults: [] };
  page.put(settled.thing);
  plan.settled?.(settled.thing);
  return { line, outcome: existing === undefined ? 'created' : 'updated', faults: [] };
}

const faultsIn = (settled: Settled<unknown>): RowFault[] => ('faults' in settled ? settled.faults : []);

// A restore needs the old IDs, by which applications identify users; a different ID must not be accepted silently.
function idFaults(id: Id | undefined, key: string, existing: Id | undefined, page: FilledPage<unknown>): RowFault[] {
  if (id === undefined) return [];
  const owner = page.keyOfId(id);
  if (owner !== undefined && owner !== key) return [{ reason: `the ID ${id} belongs to ${owner}` }];
  if (existing !== undefined && existing !== id) return [{ reason: `has the ID ${existing}, not ${id}` }];
  return [];
}

function named<Entity>(kind: Kind<unknown, Entity>, thing: Entity): { id: Id; name: string } {
  const { id, name } = kind.identityOf(thing);
  return { id, name };
}
