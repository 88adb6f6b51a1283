import { z } from 'zod';

/** The media type of a patch that says of objects only what changes in them (RFC 7396). */
export const MERGE_PATCH = 'application/merge-patch+json';

type JsonObject = Record<string, unknown>;

const isObject = (value: unknown): value is JsonObject =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** RFC 7396, section 2: null removes a key, objects are merged, everything else is replaced. */
export function mergePatch(target: unknown, patch: unknown): unknown {
  if (!isObject(patch)) return patch;
  const merged = new Map(Object.entries(isObject(target) ? target : {}));
  for (const [key, value] of Object.entries(patch)) {
    if (value === null) merged.delete(key);
    else merged.set(key, mergePatch(merged.get(key), value));
  }
  return Object.fromEntries(merged);
}

/**
 * The body that `PATCH` takes as `application/json`, from a merge patch and what is there now: of fields with objects the whole
 * object, an empty one for null. What null means for any other field, its shape says.
 */
export function patchedBody(shape: z.ZodType, patch: unknown, present: JsonObject): unknown {
  if (!isObject(patch)) return patch;
  const shapes: Record<string, z.ZodType> = shape instanceof z.ZodObject ? shape.shape : {};
  const fields = Object.entries(patch).map(([name, value]) => {
    if (value === null && isEmptiable(shapes[name])) return [name, {}];
    return [name, isObject(value) ? mergePatch(present[name], value) : value];
  });
  return Object.fromEntries(fields) as unknown;
}

/** What the API document says of a merge patch: of fields with objects, null too. */
export function mergePatchShape(shape: z.ZodType): z.ZodType {
  if (!(shape instanceof z.ZodObject)) return shape;
  const fields: Record<string, z.ZodType> = shape.shape;
  return z.strictObject(
    Object.fromEntries(
      Object.entries(fields).map(([name, each]) => [name, isEmptiable(each) ? each.nullable() : each]),
    ),
  );
}

const isEmptiable = (shape: z.ZodType | undefined): boolean =>
  shape !== undefined && !shape.safeParse(null).success && shape.safeParse({}).success;
