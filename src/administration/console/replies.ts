import type { z } from 'zod';
import type { groupReply } from '../../directory/groups/group.ts';
import type { listedGroupReply } from '../../directory/groups/groups.api.ts';
import type { roleReply } from '../../directory/roles/role.ts';
import type { userReply } from '../../directory/users/user.ts';
import type { listedUserReply } from '../../directory/users/users.api.ts';

export type User = z.output<typeof userReply>;
export type ListedUser = z.output<typeof listedUserReply>;
export type Group = z.output<typeof groupReply>;
export type ListedGroup = z.output<typeof listedGroupReply>;
export type Role = z.output<typeof roleReply>;
