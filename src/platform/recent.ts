/** The latest values of a computation that is always the same for a key. */
export interface Recent<V> {
  get(key: string, make: () => V): V;
}

/** Remembers at most so many, those made last. */
export function createRecent<V>(most: number): Recent<V> {
  const values = new Map<string, V>();
  return {
    get(key, make) {
      const known = values.get(key);
      if (known !== undefined) return known;
      const made = make();
      values.set(key, made);
      if (values.size > most) values.delete(values.keys().next().value!);
      return made;
    },
  };
}
