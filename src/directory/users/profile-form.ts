import type { ZodError } from 'zod';

/** Which field of a form about a user is faulty, and the key of the sentence beside it. */
export function profileFormFaults(error: ZodError | undefined): Record<string, string> {
  const fieldOf = (path: PropertyKey | undefined) => (path === 'username' ? 'email' : String(path));
  return Object.fromEntries(
    (error?.issues ?? []).map(({ path, code }) => [
      fieldOf(path[0]),
      code === 'too_big' && path[0] !== 'username' ? 'long' : 'invalid',
    ]),
  );
}
