import { trusted, type Model, type PipelineStage } from 'mongoose';
import type { Count, Page, PageRequest } from '../paging.ts';
import { toPage } from '../paging.ts';
import { compareKeys, type KeyRange } from '../sort-keys.ts';

/** A filter in the database's own words, made of parsed values only. */
export type Filter = Record<string, unknown>;

/** One way through one index. */
export interface Scan {
  /** The keys of the index, which the database is told to use: it must never choose to read everything instead. */
  index: Record<string, 1>;
  /** Equalities, or a few alternatives, that the index begins with. */
  head: Filter;
  /** The index's next field: the sort key. Read in order as long as `isSmall` is not set. */
  key: string;
  range?: KeyRange | undefined;
  /** What the index does not know, checked on each document that it leads to. */
  rest: Filter[];
  /** The head matches so few that they may all be looked at and sorted. */
  isSmall?: boolean;
}

/** A search: what one scan finds, or what several find together, each thing once, at the smallest of its matching keys. */
export interface Search {
  scans: Scan[];
  descending: boolean;
  /** Nobody is left out, so that the collection's own statistics give the count. */
  isEverything?: boolean;
  /** What is read of a document; everything when left out. */
  projection?: Filter;
}

/** At most so many documents of a head are looked at and sorted. */
export const SMALL = 5000;

/** How many entries are looked at for one page when most of them do not match; the windows grow so that a good hit rate is quick. */
const WINDOWS = [250, 1000, 3000];

/** Counted no further than this: along an index alone, and where documents have to be looked at. */
export const COUNT_CAP = { alongIndex: 10_000, lookingAt: 2000 };

/** Several scans find some things twice, so a round may come to less than a page. */
const ROUNDS = 4;

interface Found<D> {
  documents: D[];
  /** Everything up to this key was looked at; undefined when that was all. */
  reachedKey: string | undefined;
}

/**
 * Reads one page. Its cost does not grow with the collection: where documents have to be looked at because the index does
 * not know a condition, a page that has looked at enough ends early, possibly empty, with a cursor to go on from.
 */
export async function readPage<D extends object, T>(
  model: Model<D>,
  search: Search,
  request: PageRequest,
  present: (document: D) => T,
): Promise<Page<T>> {
  const { limit, position, withCount } = request;
  const backward = position?.backward ?? false;
  const step = search.descending === backward ? 1 : -1;
  const wanted = limit + 1;
  const items: { key: string; document: D }[] = [];
  let from = position?.key;
  let stoppedAt: string | undefined;
  const rounds = search.scans.length > 1 ? ROUNDS : 1;
  for (let round = 0; round < rounds; round += 1) {
    const found = await readRound(model, search, { from, step, wanted: wanted - items.length });
    items.push(...found.items);
    stoppedAt = found.reachedKey;
    if (stoppedAt === undefined || items.length >= wanted) break;
    from = stoppedAt;
  }
  const reading = { items, ...(items.length >= wanted ? {} : { stoppedAt }) };
  const { items: kept, ...cursors } = toPage(request, reading, ({ key }) => key);
  const page = { items: kept.map(({ document }) => present(document)), ...cursors };
  if (!withCount) return page;
  const isWhole = cursors.next === null && cursors.previous === null;
  const count: Count = isWhole ? { value: kept.length, relation: 'exact' } : await countMatches(model, search);
  return { ...page, count };
}

interface Round {
  from: string | undefined;
  step: 1 | -1;
  wanted: number;
}

async function readRound<D extends object>(model: Model<D>, search: Search, round: Round) {
  const founds: Found<D>[] = [];
  for (const scan of search.scans) founds.push(await readScan(model, search, scan, round));
  // A scan may still have results after the nearest key at which it stopped.
  const stops = founds.flatMap(({ reachedKey }) => reachedKey ?? []).sort((a, b) => round.step * compareKeys(a, b));
  const [reachedKey] = stops;
  const byKey = new Map<string, D>();
  for (const { documents } of founds) {
    for (const document of documents) {
      const key = smallestKey(search.scans, document);
      const isAhead = round.from === undefined || round.step * compareKeys(key, round.from) > 0;
      const isReached = reachedKey === undefined || round.step * compareKeys(key, reachedKey) <= 0;
      if (isAhead && isReached) byKey.set(key, document);
    }
  }
  const items = [...byKey].map(([key, document]) => ({ key, document }));
  return { items: items.sort((a, b) => round.step * compareKeys(a.key, b.key)), reachedKey };
}

/** Up to `wanted` documents of one scan, and how far it came. */
async function readScan<D extends object>(
  model: Model<D>,
  { projection = {} }: Search,
  scan: Scan,
  { from, step, wanted }: Round,
): Promise<Found<D>> {
  const find = (edge: string | undefined, position: string | undefined, limit: number) =>
    model
      .find(all([scan.head, ...keyConditions(scan, { position, step, edge }), ...scan.rest]), projection)
      .hint(scan.index)
      .sort({ [scan.key]: step })
      .limit(limit)
      .lean<D[]>();
  if (scan.rest.length === 0 || scan.isSmall) {
    const documents = await find(undefined, from, wanted);
    return { documents, reachedKey: documents.length < wanted ? undefined : keyIn(documents.at(-1)!, scan.key) };
  }
  const documents: D[] = [];
  let position = from;
  for (const size of WINDOWS) {
    const edge = await edgeOf(model, scan, position, step, size);
    documents.push(...(await find(edge, position, wanted - documents.length)));
    if (documents.length >= wanted) return { documents, reachedKey: keyIn(documents.at(-1)!, scan.key) };
    if (edge === undefined) return { documents, reachedKey: undefined };
    position = edge;
  }
  return { documents, reachedKey: position };
}

/** The key that lies `size` entries ahead, read from the index alone; undefined when there are no more than that. */
async function edgeOf<D extends object>(
  model: Model<D>,
  scan: Scan,
  position: string | undefined,
  step: 1 | -1,
  size: number,
): Promise<string | undefined> {
  const [edge] = await model
    .find(all([scan.head, ...keyConditions(scan, { position, step })]), { _id: 0, [scan.key]: 1 })
    .hint(scan.index)
    .sort({ [scan.key]: step })
    .skip(size - 1)
    .limit(1)
    .lean<D[]>();
  return edge && keyIn(edge, scan.key);
}

interface Bounds {
  position: string | undefined;
  step: 1 | -1;
  edge?: string | undefined;
}

function keyConditions(
  { key, range }: Scan,
  { position, step, edge }: Bounds = { position: undefined, step: 1 },
): Filter[] {
  const conditions: Filter[] = [];
  if (range?.from !== undefined) conditions.push({ [key]: { $gte: range.from } });
  if (range?.below !== undefined) conditions.push({ [key]: { $lt: range.below } });
  if (position !== undefined) conditions.push({ [key]: step === 1 ? { $gt: position } : { $lt: position } });
  if (edge !== undefined) conditions.push({ [key]: step === 1 ? { $lte: edge } : { $gte: edge } });
  return conditions;
}

/** Under `$and`, because several conditions may be on the same field. */
function all(conditions: Filter[]): Filter {
  const some = conditions.filter((condition) => Object.keys(condition).length > 0);
  return some.length > 0 ? { $and: some.map(trust) } : {};
}

/** Filters here are made of parsed values; mongoose would take the operators in them for an attack. */
function trust(condition: Filter): Filter {
  const isOperator = (value: unknown): value is object => typeof value === 'object' && value !== null;
  const mark = (field: string, value: unknown) => {
    // The alternatives are filters themselves, and mongoose looks at each.
    if (field === '$or') return (value as Filter[]).map(trust);
    return isOperator(value) ? trusted(value) : value;
  };
  return Object.fromEntries(Object.entries(condition).map(([field, value]) => [field, mark(field, value)]));
}

function smallestKey(scans: Scan[], document: object): string {
  const keys = scans.map(({ key, range }) => ({ value: keyIn(document, key), range }));
  const matching = keys.filter(({ value, range }) => isIn(value, range)).map(({ value }) => value);
  return matching.sort(compareKeys)[0] ?? keys[0]!.value;
}

function isIn(value: string, range: KeyRange | undefined): boolean {
  if (range?.from !== undefined && compareKeys(value, range.from) < 0) return false;
  return range?.below === undefined || compareKeys(value, range.below) < 0;
}

/** The value at a dotted path; every document of a searched collection has a text there. */
function keyIn(document: object, path: string): string {
  return path.split('.').reduce<unknown>((value, name) => (value as Filter)[name], document) as string;
}

/** Looks at no more than the cap, also where most of what it looks at does not match. */
async function countMatches<D extends object>(model: Model<D>, { scans, isEverything }: Search): Promise<Count> {
  if (isEverything) return { value: await model.estimatedDocumentCount(), relation: 'estimated' };
  const [first, ...others] = scans;
  if (!first) return { value: 0, relation: 'exact' };
  const cap = first.rest.length > 0 ? COUNT_CAP.lookingAt : COUNT_CAP.alongIndex;
  const ways = scans.map((scan) => all([scan.head, ...keyConditions(scan)]));
  const lookedAt = [{ $match: others.length > 0 ? { $or: ways } : ways[0]! }, { $limit: cap + 1 }];
  const count = async (stages: PipelineStage[]) => {
    const counting = model.aggregate<{ n: number }>([...lookedAt, ...stages, { $count: 'n' }]);
    const [counted] = await (others.length > 0 ? counting : counting.hint(first.index));
    return counted?.n ?? 0;
  };
  const looked = await count([]);
  // Every scan of a search has the same rest.
  const matching = first.rest.length > 0 ? await count([{ $match: all(first.rest) }]) : looked;
  if (looked <= cap) return { value: matching, relation: 'exact' };
  return { value: Math.min(matching, cap), relation: 'at_least' };
}
