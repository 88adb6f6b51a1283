import { isDeepStrictEqual } from 'node:util';
import { z } from 'zod';
import { lacking, type Need } from '../admin-roles/policy.ts';
import type { Actor } from '../../platform/actor.ts';
import { customDataShape, type CustomData } from '../../platform/custom-data.ts';
import type { Id } from '../../platform/ids.ts';
import { CUSTOM_DATA_PATH, type Columns, type RowFault } from './row.ts';

export interface ImportOptions {
  /** What becomes of a user's groups that the row does not name: they stay, or are taken away. */
  memberships: 'add' | 'replace';
  /** Makes groups that a row names and that are not there; without it that is a fault. */
  createGroups: boolean;
  /** Names a group after its parent group where its name is taken elsewhere; without it that is a fault. */
  renameGroups: boolean;
  /** Writes nothing, and says what an import would do. */
  dryRun: boolean;
}

/**
 * Says for each field of a thing which columns of a file hold it, and comes to these columns. A field without an entry does
 * not compile, and neither do a column map, an import or an export without one of the columns: a new field is not lost in a
 * file without anybody deciding so. `never` stays behind.
 */
export type ColumnsOf<Entity, Row, Fields extends Record<keyof Entity, keyof Row>> = Fields[keyof Fields];

/** Which of the many things of a type a store has, and how they are written: many at a time. */
export interface RecordStore<Entity> {
  /** Those with one of these natural keys, or one of these ids. */
  find(keys: string[], ids: Id[]): Promise<Entity[]>;
  insert(things: Entity[]): Promise<void>;
  /** Writes the fields that differ, and leaves alone what other modules keep in the same documents. */
  update(changes: { before: Entity; after: Entity }[]): Promise<void>;
  /** Sorted by ID, starting after `after`. */
  page(after: Id | undefined, limit: number): Promise<Entity[]>;
}

/** A type of things that can be imported and exported: its columns, and what a row means. */
export interface Kind<Row = unknown, Entity = unknown> {
  columns: Columns;
  /** Columns with secrets, or about them; exported only to actors who may see them. */
  secretColumns: readonly string[];
  /** Columns that an import reads and no export writes. */
  importColumns?: readonly string[];
  shape: z.ZodType<Row>;
  identify(row: Row): { key: string; id?: Id | undefined };
  identityOf(thing: Entity): { key: string; id: Id; name: string };
  /** The scopes that a record's secrets grant; none without a secret. */
  powersOf(thing: Entity): string[];
  store: RecordStore<Entity>;
  /** For rows that do not contain their natural key. */
  locator?: Locator<Row, Entity>;
  /** Before the transaction of a batch that is more than a dry run: what would be too much for it, and may stay if it fails. */
  prepare?(rows: Row[]): Promise<void>;
  /** Looks up once what the rows of a batch refer to. */
  plan(rows: Row[], order: { options: ImportOptions; actor: Actor }): Promise<Plan<Row, Entity>>;
  /** As rows, with a value for each column. */
  present(things: Entity[], withSecrets: boolean): Promise<Record<string, unknown>[]>;
}

/** What is there, and what the rows so far have made of it. */
export interface Present<Entity> {
  byKey(key: string): Entity | undefined;
  byId(id: Id): Entity | undefined;
  all(): Entity[];
}

/** Finds out which thing a row means. */
export interface Locator<Row, Entity> {
  /** The natural keys of everything that `locate` looks at. */
  keysOf(row: Row): string[];
  /** Looks up once what the rows of a batch refer to. */
  plan(present: Present<Entity>, order: LocateOrder): Promise<Locations<Row>>;
}

/** The things that the rows of a batch mean. */
export interface Locations<Row> {
  /** The row with its natural key, by what the rows before it have made of what is there. */
  locate(row: Row): Located<Row>;
}

export interface LocateOrder {
  options: ImportOptions;
  /** How many rows of the file were read before the batch. */
  rowsBefore: number;
}

export type Located<Row> = { row: Row } | { faults: RowFault[] };

/** What a batch has to write. */
export interface Changes<Entity> {
  created: Entity[];
  updated: { before: Entity; after: Entity }[];
}

/** What the rows of one batch come to. */
export interface Plan<Row, Entity> {
  /** What a row makes of what is there: the same object when nothing differs. `undefined` is nothing. Changes nothing. */
  settle(row: Row, existing: Entity | undefined): Settled<Entity>;
  /** Told of what a row without faults comes to, before the next row is settled. */
  settled?(thing: Entity): void;
  /** Writes what the things refer to, in the transaction and before them. */
  writeFirst?(changes: Changes<Entity>): Promise<void>;
  /** In the transaction, after them. */
  writeLast?(changes: Changes<Entity>): Promise<void>;
  /** After the commit. */
  afterwards?(changes: Changes<Entity>): Promise<void> | void;
  /** What the audit entry contains besides its targets. */
  details?(changes: Changes<Entity>): Record<string, unknown>;
}

export type Settled<Entity> = { thing: Entity } | { faults: RowFault[] };

/** What the actor lacks for the change that a row asks for, column by column. */
export const faultsOfNeeds = (actor: Actor, needs: Need[]): RowFault[] =>
  lacking(actor, needs).map(({ field, scopes }) => ({
    column: field,
    reason: `requires the scope ${scopes.join(' ')}`,
  }));

/** `existing` when the row changed nothing of it, else the changed thing with the time of the change. */
export function ifChanged<Entity extends { updatedAt: Date }>(existing: Entity, changed: Entity, at: Date): Entity {
  return isDeepStrictEqual(existing, changed) ? existing : { ...changed, updatedAt: at };
}

/** A time as a user or a program writes it: Unix seconds, or ISO 8601 with a time zone. */
export const timeShape = z.union([z.string(), z.number()]).transform((value, ctx) => {
  const at = toTime(value);
  if (at) return at;
  ctx.addIssue({ code: 'custom', message: 'must be Unix seconds or a time such as 2026-11-21T10:00:00Z' });
  return z.NEVER;
});

const isoTime = z.iso.datetime({ offset: true });
const LATEST = Date.UTC(9999, 11, 31);

function toTime(typed: string | number): Date | undefined {
  // Where the comma is the decimal sign, spreadsheets write it.
  const value = typeof typed === 'string' ? typed.trim().replace(/^(\d{1,11}),(\d{1,6})$/, '$1.$2') : typed;
  const isSeconds = typeof value === 'number' || /^\d{1,11}(\.\d{1,6})?$/.test(value);
  if (!isSeconds && !isoTime.safeParse(value).success) return undefined;
  const at = isSeconds ? new Date(Math.round(Number(value) * 1000)) : new Date(value);
  return at.getTime() >= 0 && at.getTime() <= LATEST ? at : undefined;
}

/** What `custom_data.<path>` columns hold, by their path. */
export const customDataPathsShape = z.record(z.string(), z.string().nullable());

/** The name under which `readRow` hands these columns to a shape. */
const PATHS = 'custom_data_paths';

/** A row by the rules of its type. */
export function readRow<Row>(
  shape: z.ZodType<Row>,
  values: Record<string, unknown>,
): { row: Row } | { faults: RowFault[] } {
  const parsed = shape.safeParse(gatherPaths(values));
  if (parsed.success) return { row: parsed.data };
  return { faults: parsed.error.issues.flatMap((issue) => toFaults(issue, values)) };
}

function gatherPaths(values: Record<string, unknown>): Record<string, unknown> {
  const paths = Object.entries(values).filter(([name]) => name.startsWith(CUSTOM_DATA_PATH));
  if (paths.length === 0) return values;
  const rest = Object.entries(values).filter(([name]) => !name.startsWith(CUSTOM_DATA_PATH));
  return Object.fromEntries([...rest, [PATHS, Object.fromEntries(paths)]]);
}

function toFaults(issue: z.core.$ZodIssue, values: Record<string, unknown>): RowFault[] {
  const [column, ...rest] = issue.path.map(String);
  if (column !== undefined && values[column] === null) return [{ column, reason: 'cannot be emptied' }];
  const at = rest.length > 0 ? `${rest.join('.')}: ` : '';
  const isMissing = issue.code === 'invalid_type' && issue.input === undefined && rest.length === 0;
  return [{ ...(column === undefined ? {} : { column }), reason: isMissing ? 'is missing' : `${at}${issue.message}` }];
}

/** Custom data with a row's whole value and its single paths applied, and what is wrong with the result. */
export function customDataOf(
  row: { custom_data?: CustomData | undefined; custom_data_paths?: Record<string, string | null> | undefined },
  before: CustomData,
): { data: CustomData; faults: RowFault[] } {
  const data = row.custom_data ?? before;
  if (!row.custom_data_paths) return { data, faults: [] };
  let merged = data;
  const faults = Object.entries(row.custom_data_paths).flatMap(([column, value]) => {
    const path = column.slice(CUSTOM_DATA_PATH.length).split('.');
    const isAllowed = path.every((key) => customDataShape.safeParse({ at: Object.fromEntries([[key, '']]) }).success);
    if (isAllowed) merged = withValueAt(merged, path, value);
    return isAllowed ? [] : [{ column, reason: 'has a key that is not allowed in custom data' }];
  });
  const whole = customDataShape.safeParse(merged);
  const reasons = whole.error?.issues.map(({ message }) => ({ column: 'custom_data', reason: message })) ?? [];
  return { data: merged, faults: [...faults, ...reasons] };
}

function withValueAt(data: CustomData, [key = '', ...rest]: string[], value: string | null): CustomData {
  if (rest.length === 0 && value === null) return withoutKey(data, key);
  if (rest.length === 0) return { ...data, [key]: value };
  const inner = Object.hasOwn(data, key) ? data[key] : undefined;
  const isObject = typeof inner === 'object' && inner !== null && !Array.isArray(inner);
  if (!isObject && value === null) return data;
  return { ...data, [key]: withValueAt(isObject ? (inner as CustomData) : {}, rest, value) };
}

function withoutKey(data: CustomData, key: string): CustomData {
  const { [key]: _removed, ...rest } = data;
  return rest;
}
