import { z } from 'zod';
import { idShape } from '../../platform/ids.ts';
import { nameShape } from '../../platform/names.ts';
import { MOST_FORMER_NAMES, type FormerName } from '../../directory/groups/former-names.ts';
import { endNoticeDaysShape, groupChangeShape, newGroupShape } from '../../directory/groups/group.ts';
import { parsePath } from '../../directory/groups/group-path.ts';
import { customDataPathsShape, timeShape } from './record-type.ts';

const pathShape = z.string().transform((path, ctx) => {
  const parsed = parsePath(path);
  if ('names' in parsed) return parsed.names;
  ctx.addIssue({ code: 'custom', message: parsed.fault });
  return z.NEVER;
});

const formerNamesShape = z
  .array(
    z
      .strictObject({ name: nameShape, renamed_at: timeShape })
      .transform(({ name, renamed_at: renamedAt }): FormerName => ({ name, renamedAt })),
  )
  .max(MOST_FORMER_NAMES, `must have at most ${MOST_FORMER_NAMES} names`)
  .refine((names) => new Set(names.map(({ name }) => name)).size === names.length, 'must not have a name twice')
  .transform((names) => names.sort((a, b) => a.renamedAt.getTime() - b.renamedAt.getTime()));

/** CSV has texts only. */
const daysShape = z.preprocess(
  (days) => (typeof days === 'string' && /^\d+$/.test(days) ? Number(days) : days),
  endNoticeDaysShape,
);

const columnsShape = z.strictObject({
  group_id: idShape.optional(),
  name: newGroupShape.shape.name.optional(),
  path: pathShape.optional(),
  former_names: formerNamesShape.optional(),
  description: groupChangeShape.shape.description,
  roles: z.array(nameShape).max(100, 'must have at most 100 roles').optional(),
  parent_id: idShape.nullable().optional(),
  requires_second_factor: groupChangeShape.shape.requires_second_factor,
  end_notice_days: daysShape.optional(),
  custom_data: groupChangeShape.shape.custom_data,
  custom_data_paths: customDataPathsShape.optional(),
  created_at: timeShape.optional(),
  updated_at: timeShape.optional(),
});

/** With a name, which a row with a path gets from the locator. */
export type GroupRow = z.output<typeof columnsShape>;

/** Also for a row with other faults, so that all of them are found at once; unless one of them is in these columns. */
const unless = (column: keyof GroupRow) => ({
  when: ({ issues }: { issues: { path?: PropertyKey[] | undefined }[] }) =>
    !issues.some(({ path }) => path?.[0] === column || path?.[0] === 'path'),
});

export const groupRowShape = columnsShape
  .refine(({ name, path }) => name !== undefined || path !== undefined, {
    ...unless('name'),
    path: ['name'],
    message: 'is missing',
  })
  .refine(({ name, path }) => name === undefined || path === undefined, {
    ...unless('name'),
    path: ['path'],
    message: 'cannot be combined with name',
  })
  .refine(({ parent_id: parentId, path }) => parentId === undefined || path === undefined, {
    ...unless('parent_id'),
    path: ['path'],
    message: 'cannot be combined with parent_id',
  });
