import type { z } from 'zod';
import { InvalidInput, type Fault } from '../errors.ts';
import { toPointer } from '../json-pointer.ts';

/**
 * Parses the body of a request.
 * @throws InvalidInput with a JSON pointer for each fault, all of them at once.
 */
export function parseBody<T extends z.ZodType>(shape: T, body: unknown): z.output<T> {
  return parse(shape, body, (path, detail) => ({ pointer: toPointer(path), detail }));
}

/** Parses path or query parameters; a fault names its parameter. */
export function parseParameters<T extends z.ZodType>(shape: T, parameters: unknown): z.output<T> {
  return parse(shape, parameters, (path, detail) => ({ parameter: path.map(String).join('.'), detail }));
}

type ToFault = (path: PropertyKey[], detail: string) => Fault;

function parse<T extends z.ZodType>(shape: T, value: unknown, toFault: ToFault): z.output<T> {
  const parsed = shape.safeParse(value);
  if (parsed.success) return parsed.data;
  const faults = parsed.error.issues.flatMap((issue) => toFaults(issue, toFault));
  throw InvalidInput({ faults });
}

function toFaults(issue: z.core.$ZodIssue, toFault: ToFault): Fault[] {
  if (issue.code === 'unrecognized_keys') {
    return issue.keys.map((key) => toFault([...issue.path, key], 'is not a known field'));
  }
  return [toFault(issue.path, issue.message)];
}
