import { z } from 'zod';
import { sha256 } from './ids.ts';

const MAX_BYTES = 16 * 1024;
const MAX_DEPTH = 8;

export type CustomData = Record<string, unknown>;

/**
 * Any JSON object with at most 16 KiB and eight levels. Keys that MongoDB would take for an operator (`$…`) or a path
 * (`.`), or JavaScript for a prototype, are refused with a pointer to them.
 */
export const customDataShape = z
  .record(z.string(), z.unknown())
  .superRefine((value, ctx) => {
    // Depth first: what is nested too deep cannot be written as text to be measured.
    const faults = faultyKeys(value, [], 1);
    for (const fault of faults) ctx.addIssue({ code: 'custom', ...fault });
    if (faults.length === 0 && Buffer.byteLength(JSON.stringify(value)) > MAX_BYTES) {
      ctx.addIssue({ code: 'custom', message: `must be at most ${MAX_BYTES} bytes of JSON` });
    }
  })
  .meta({ description: 'Any JSON object with at most 16 KiB and eight levels.', example: { key: 'value' } });

type KeyFault = { path: (string | number)[]; message: string };

function faultyKeys(value: unknown, path: (string | number)[], depth: number): KeyFault[] {
  if (typeof value !== 'object' || value === null) return [];
  if (depth > MAX_DEPTH) return [{ path, message: `must not have more than ${MAX_DEPTH} levels` }];
  if (Array.isArray(value)) return value.flatMap((item, index) => faultyKeys(item, [...path, index], depth + 1));
  return Object.entries(value).flatMap(([key, item]) => {
    const here = [...path, key];
    if (isDangerousKey(key))
      return [
        {
          path: here,
          message:
            "must not have a key that is empty or reserved, starts with '$', or contains '.' or a null character",
        },
      ];
    return faultyKeys(item, here, depth + 1);
  });
}

/** Names that JavaScript or the database driver gives a meaning of their own. */
const RESERVED = new Set(['__proto__', '_bsontype']);

function isDangerousKey(key: string): boolean {
  return key === '' || key.startsWith('$') || key.includes('.') || key.includes('\0') || RESERVED.has(key);
}

/** Longer values are searched by their hash: an index must not carry whole texts. */
const LONGEST_TRAIT = 200;

/** One value at one path, as `custom_data.<path>=<value>` asks for it: numbers, true, false and null by their text. */
export function traitOf(path: string, value: string): string {
  return `${path}\0${value.length > LONGEST_TRAIT ? sha256(value) : value}`;
}

/** Every value in the data with its dotted path, each once; what is in a list has the path of the list. */
export function traitsOf(data: CustomData): string[] {
  const traits = new Set<string>();
  const visit = (value: unknown, path: string): void => {
    if (Array.isArray(value)) for (const item of value) visit(item, path);
    else if (typeof value === 'object' && value !== null)
      for (const [key, item] of Object.entries(value)) visit(item, path ? `${path}.${key}` : key);
    else traits.add(traitOf(path, String(value)));
  };
  visit(data, '');
  return [...traits];
}
