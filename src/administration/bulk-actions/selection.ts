import { z } from 'zod';
import { InvalidInput, type Fault } from '../../platform/errors.ts';
import { idShape, type Id } from '../../platform/ids.ts';
import type { Page, PageRequest } from '../../platform/paging.ts';
import { everybody, toUserCriteria, userSearchShape, type UserCriteria } from '../../directory/users/user-search.ts';

/** The users that a bulk action is for. */
export const selectionShape = z
  .strictObject({
    group_id: idShape.optional().meta({ description: 'The members of this group.' }),
    search: z
      .record(z.string(), z.string())
      .optional()
      .meta({
        description: 'Users matching this search, with the parameters of `GET /v1/users`.',
        example: { status: 'active', 'custom_data.country': 'IN' },
      }),
    user_ids: z.array(idShape).min(1).max(10_000).optional().meta({ description: 'These users, at most 10,000.' }),
  })
  .refine((selection) => Object.values(selection).filter((value) => value !== undefined).length === 1, {
    message: 'must have exactly one of group_id, search and user_ids',
  })
  .meta({ id: 'Selection', description: 'The users that the job is for. The selection is fixed when the job starts.' });

export type Selection = z.output<typeof selectionShape>;

/** The search that finds the selected, or undefined for a list of ids. @throws InvalidInput, UnservableSearch */
export function criteriaOf({ group_id: inGroup, search }: Selection): UserCriteria | undefined {
  if (inGroup) return { ...everybody, inGroup };
  if (!search) return undefined;
  const parsed = userSearchShape({}).safeParse(search);
  if (parsed.success) return toUserCriteria(parsed.data);
  const faults: Fault[] = parsed.error.issues.flatMap((issue) => {
    const names = issue.code === 'unrecognized_keys' ? issue.keys : [String(issue.path[0] ?? '')];
    const detail = issue.code === 'unrecognized_keys' ? 'is not a search parameter of users' : issue.message;
    return names.map((name) => ({ pointer: `#/select/search/${name}`, detail }));
  });
  throw InvalidInput({ faults });
}

/** Keeps who was selected, in portions, for as long as the job runs. */
export interface SelectionStore {
  put(jobId: Id, portion: number, ids: Id[]): Promise<void>;
  get(jobId: Id, portion: number): Promise<Id[]>;
}

/** A page of the IDs of the users who match a search. */
export type SelectIds = (criteria: UserCriteria, page: PageRequest) => Promise<Page<Id>>;
