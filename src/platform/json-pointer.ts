/** RFC 6901, section 3. */
export function escapePointer(key: string): string {
  return key.replaceAll('~', '~0').replaceAll('/', '~1');
}

/** A pointer into a body, as a URI fragment (RFC 6901, section 6), with what is not ASCII left readable. */
export function toPointer(path: readonly PropertyKey[]): string {
  return ['#', ...path.map((part) => escapePointer(String(part)))].join('/');
}
