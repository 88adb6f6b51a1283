import type { ZodError } from 'zod';
import { fieldOfPath } from './attribute-form.ts';

/** Which field of a form about a user is faulty, and the key of the sentence beside it. */
export function profileFormFaults(error: ZodError | undefined): Record<string, string> {
  const fieldOf = (path: PropertyKey[]) => (path[0] === 'username' ? 'email' : fieldOfPath(path));
  return Object.fromEntries(
    (error?.issues ?? []).map(({ path, code }) => [
      fieldOf(path),
      code === 'too_big' && path[0] !== 'username' ? 'long' : 'invalid',
    ]),
  );
}
