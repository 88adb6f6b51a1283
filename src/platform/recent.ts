/** Puts a value into a map that has at most so many: those that were put in last. */
export function putLatest<K, V>(values: Map<K, V>, most: number, key: K, value: V): void {
  values.delete(key);
  values.set(key, value);
  if (values.size > most) values.delete(values.keys().next().value!);
}

/** The latest values of a computation that is always the same for a key. */
export interface Recent<V> {
  /** Nothing is remembered of a key for which nothing is made. */
  get(key: string, make: () => V | undefined): V | undefined;
}

/** Remembers at most so many, those made last. */
export function createRecent<V>(most: number): Recent<V> {
  const values = new Map<string, V>();
  return {
    get(key, make) {
      const known = values.get(key);
      if (known !== undefined) return known;
      const made = make();
      if (made === undefined) return undefined;
      putLatest(values, most, key, made);
      return made;
    },
  };
}
