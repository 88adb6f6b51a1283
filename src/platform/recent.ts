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
      values.set(key, made);
      if (values.size > most) values.delete(values.keys().next().value!);
      return made;
    },
  };
}
