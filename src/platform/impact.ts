import { z } from 'zod';
import type { Count } from './paging.ts';

/** What a change or deletion can affect, in the order in which it is listed. */
const IMPACT_KINDS = ['users', 'administrators', 'groups', 'applications', 'sessions'] as const;

type ImpactKind = (typeof IMPACT_KINDS)[number];

/** The impact of a change or deletion on one kind of thing: how many, and the first of them. */
export interface Impact {
  kind: ImpactKind;
  count: Count;
  examples: { id: string; name: string }[];
}

/** A thing of the directory, by its kind and ID. */
export interface Ref {
  kind: 'user' | 'group' | 'role' | 'application';
  id: string;
}

/** Something that was deleted, as far as those who keep its past need to know. */
export interface Deleted extends Ref {
  /** Of a group. */
  name?: string;
  createdAt?: Date;
  /** Who deleted it. */
  by?: string;
}

/** Asks every module for the impact. */
export type ImpactOf = (thing: Ref) => Promise<Impact[]>;

/** No more are named; the count says how many there are. */
export const EXAMPLES = 20;

/** What a dry run answers with. */
export const impactReply = z.strictObject({
  result: z.strictObject({
    impact: z
      .array(
        z.strictObject({
          kind: z.enum(IMPACT_KINDS).meta({ example: 'users' }),
          count: z.strictObject({
            value: z.number().int(),
            relation: z.enum(['exact', 'at_least', 'estimated']),
          }),
          examples: z.array(z.strictObject({ id: z.string(), name: z.string() })),
        }),
      )
      .meta({ description: 'What the change affects, by kind: a count, and the names of some.' }),
  }),
});

/** The impact on things that are all known. */
export function impactOn(kind: ImpactKind, things: Impact['examples']): Impact {
  const examples = things.slice(0, EXAMPLES).map(({ id, name }) => ({ id, name }));
  return { kind, count: { value: things.length, relation: 'exact' }, examples };
}

export const byKind = (a: Impact, b: Impact): number => IMPACT_KINDS.indexOf(a.kind) - IMPACT_KINDS.indexOf(b.kind);
