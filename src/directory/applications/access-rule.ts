import { z } from 'zod';
import { idShape, type Id } from '../../platform/ids.ts';
import { isPlainText } from '../../../config/plain-text.ts';

/** Who may sign in to an application: everyone, or the members of some groups, also inherited ones. */
export interface AccessRule {
  /** Absent: everyone. Empty: nobody, as after the only group was deleted. */
  groupIds?: Id[] | undefined;
  /** Tells users without access whom to ask. */
  contact?: string | undefined;
}

const ACCESS = ['everyone', 'groups'] as const;

const contact = z
  .string()
  .trim()
  .min(1, 'must not be empty')
  .max(200, 'must have at most 200 characters')
  .refine(isPlainText, 'must not contain control characters')
  .nullable();

const groupIds = z
  .array(idShape)
  .max(100, 'must have at most 100 groups')
  .transform((ids) => [...new Set(ids)]);

export const accessRuleShape = z
  .strictObject({
    access: z.enum(ACCESS).meta({ description: '`groups` for members of at least one of `group_ids`.' }),
    group_ids: groupIds
      .default([])
      .meta({ description: 'Membership in a subgroup counts. An empty list lets nobody sign in.' }),
    contact: contact.default(null).meta({
      description: 'Shown to users who have no access, such as an email or the name of a team.',
      example: 'it-support@example.com',
    }),
  })
  .refine(({ access, group_ids: ids }) => access === 'groups' || ids.length === 0, {
    path: ['group_ids'],
    message: 'must be empty unless access is groups',
  });

export type AccessRuleBody = z.output<typeof accessRuleShape>;

export const accessRuleReply = z
  .strictObject({ access: z.enum(ACCESS), group_ids: z.array(idShape), contact: z.string().nullable() })
  .meta({ id: 'AccessRule' });

export const toAccessRule = ({ access, group_ids: ids, contact: whom }: AccessRuleBody): AccessRule => ({
  ...(access === 'groups' ? { groupIds: ids } : {}),
  ...(whom ? { contact: whom } : {}),
});

export const presentAccessRule = (rule: AccessRule = {}): z.input<typeof accessRuleReply> => ({
  access: rule.groupIds ? 'groups' : 'everyone',
  group_ids: rule.groupIds ?? [],
  contact: rule.contact ?? null,
});
