import { z } from 'zod';
import { searchText, UnservableSearch } from '../../platform/criteria.ts';
import { APPLICATION_TYPES, type ApplicationType } from './application.ts';

const APPLICATION_SORTS = ['name', 'created_at'] as const;
export type ApplicationSort = (typeof APPLICATION_SORTS)[number];

/** What applications are searched by. Everything given must hold. */
export interface ApplicationCriteria {
  /** A prefix of the name; folded. */
  q?: string | undefined;
  type?: ApplicationType | undefined;
  sort: ApplicationSort;
  descending: boolean;
}

const sorts = APPLICATION_SORTS.flatMap((sort) => [sort, `-${sort}`] as const);

/** The parameters of a query that searches applications. */
export const applicationSearchFields = {
  q: searchText.optional().meta({ description: 'Start of the name, ignoring case and accents.' }),
  type: z.enum(APPLICATION_TYPES).optional().meta({ description: 'Only applications of this type.' }),
  sort: z.enum(sorts).default('name').meta({ description: 'Sort field; prefix with - for descending.' }),
};

type Query = z.output<z.ZodObject<typeof applicationSearchFields>>;

/** The name of the list for its cursors: one in another order must not be taken. */
export function listOfApplications({ sort, descending }: ApplicationCriteria): string {
  return `applications:${descending ? '-' : ''}${sort}`;
}

/** What a query asks for, in an order that can be given at once. @throws UnservableSearch */
export function toApplicationCriteria({ q, type, sort: given }: Query): ApplicationCriteria {
  // A cast, because taking the minus off gives back a name of the list.
  const sort = given.replace(/^-/, '') as ApplicationSort;
  if (q && sort !== 'name') {
    const detail = 'results of q are sorted by name; use sort=name or -name, or omit sort';
    throw UnservableSearch({ detail, faults: [{ parameter: 'sort', detail }] });
  }
  return { q, type, sort, descending: given.startsWith('-') };
}
