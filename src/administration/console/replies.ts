import type { z } from 'zod';
import type { groupReply } from '../../directory/groups/group.ts';
import type { roleReply } from '../../directory/roles/role.ts';
import type { userReply } from '../../directory/users/user.ts';

export type User = z.output<typeof userReply>;
export type Group = z.output<typeof groupReply>;
export type Role = z.output<typeof roleReply>;
