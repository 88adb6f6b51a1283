import { z } from 'zod';
import { idShape, type Id } from '../../platform/ids.ts';
import { nameShape } from '../../platform/names.ts';
import { parsePath, writePath } from '../../directory/groups/group-path.ts';
import type { Origin } from '../../directory/memberships/membership.ts';
import { MEMBERSHIP_SOURCES, toPeriod, type Membership } from '../../directory/memberships/period.ts';
import { timeShape } from './record-type.ts';

/**
 * What a file says of a membership besides the group: how each field is read and how it is written. A field that a
 * membership has and that is missing here does not compile, so none is lost on the way through a file.
 */
const fields = {
  since: { shape: timeShape, present: ({ since }: Membership) => since.toISOString() },
  by: { shape: z.string().max(254), present: ({ by }: Membership) => by },
  source: { shape: z.enum(MEMBERSHIP_SOURCES), present: ({ source }: Membership) => source },
  job: { shape: idShape, present: ({ job }: Membership) => job },
  from: { shape: timeShape, present: ({ from }: Membership) => from?.toISOString() },
  until: { shape: timeShape, present: ({ until }: Membership) => until?.toISOString() },
} satisfies { [Name in Exclude<keyof Membership, 'group'>]-?: Field<Membership[Name]> };

interface Field<T> {
  shape: z.ZodType<T, unknown>;
  present(membership: Membership): unknown;
}

/** A group by its name or its path. What begins with a slash may be either. */
export const groupReferenceShape = z
  .string()
  .trim()
  .transform((text, ctx) => {
    const name = nameShape.safeParse(text);
    if (name.success) return name.data;
    const path = text.startsWith('/') ? parsePath(text) : undefined;
    if (path && 'names' in path) return writePath(path.names);
    ctx.addIssue({ code: 'custom', message: path ? path.fault : name.error.issues[0]!.message });
    return z.NEVER;
  });

export const membershipRowShape = z.preprocess(
  (value) => (typeof value === 'string' ? { group: value } : value),
  z
    .strictObject({
      group: groupReferenceShape,
      since: fields.since.shape.optional(),
      by: fields.by.shape.optional(),
      source: fields.source.shape.optional(),
      job: fields.job.shape.optional(),
      from: fields.from.shape.nullable().optional(),
      until: fields.until.shape.nullable().optional(),
    })
    .refine(({ from, until }) => !from || !until || until > from, { path: ['until'], message: 'must be after from' }),
);

/** A group of a user, by name or path, with the start and the adder of the membership if the row has them. */
export type MembershipRow = z.output<typeof membershipRowShape>;

/** A membership as a file holds it. */
export const presentMembership = (group: string, membership: Membership): Record<string, unknown> => ({
  group,
  ...Object.fromEntries(Object.entries(fields).map(([name, { present }]) => [name, present(membership)])),
});

/** A membership that a row adds; what the row does not say is as if the user were added now. */
export function toMembership(group: Id, row: MembershipRow, added: Origin): Membership {
  const { since = added.since, by, source, job } = row;
  if (by === undefined) return { group, ...added, since, ...toPeriod(row) };
  return { group, since, by, ...(source ? { source } : {}), ...(job ? { job } : {}), ...toPeriod(row) };
}

/** A membership that is there already gets the period that a row has; without one it stays as it is. */
export function withPeriodOf(row: MembershipRow, membership: Membership): Membership {
  const { from, until, ...rest } = membership;
  const period = {
    from: row.from === undefined ? from : row.from,
    until: row.until === undefined ? until : row.until,
  };
  return { ...rest, ...toPeriod(period) };
}
