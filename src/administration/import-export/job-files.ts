import type { Id } from '../../platform/ids.ts';
import type { Changes, Kind, Present } from './record-type.ts';

interface Item<Entity> {
  before: Entity | undefined;
  now: Entity;
}

/** The records of a block of rows, as they are stored and as the rows so far have changed them. */
export interface FilledPage<Entity> extends Present<Entity> {
  /** The key of whatever has this id. */
  keyOfId(id: Id): string | undefined;
  /** Puts a thing there that is new, or what became of one. */
  put(thing: Entity): void;
  changes(): Changes<Entity>;
}

/** Reads all of them at once; ids too, because a row's id may belong to something with another name. */
export async function fillPage<Row, Entity>(kind: Kind<Row, Entity>, rows: Row[]): Promise<FilledPage<Entity>> {
  const keysOf = kind.locator?.keysOf ?? ((row: Row) => [kind.identify(row).key]);
  const keys = [...new Set(rows.flatMap(keysOf))];
  const ids = [...new Set(rows.flatMap((row) => kind.identify(row).id ?? []))];
  const found = keys.length > 0 ? await kind.store.find(keys, ids) : [];
  const items = new Map<string, Item<Entity>>(
    found.map((thing) => [kind.identityOf(thing).key, { before: thing, now: thing }]),
  );
  const keysById = new Map(found.map((thing) => [kind.identityOf(thing).id, kind.identityOf(thing).key]));

  return {
    byKey: (key) => items.get(key)?.now,
    byId: (id) => items.get(keysById.get(id) ?? '')?.now,
    all: () => [...items.values()].map(({ now }) => now),
    keyOfId: (id) => keysById.get(id),
    put(thing) {
      const { key, id } = kind.identityOf(thing);
      items.set(key, { before: items.get(key)?.before, now: thing });
      keysById.set(id, key);
    },
    changes() {
      const all = [...items.values()];
      return {
        created: all.filter(({ before }) => before === undefined).map(({ now }) => now),
        updated: all.flatMap(({ before, now }) =>
          before === undefined || before === now ? [] : [{ before, after: now }],
        ),
      };
    },
  };
}
