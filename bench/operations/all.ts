import { adminApiOperations } from './admin-api.ts';
import { documentOperations } from './documents.ts';
import { manyGroups } from './many-groups.ts';
import type { Operation } from './operation.ts';
import { tokenOperations } from './tokens.ts';

/** What is compared between products, in the order of the table. */
export const operations: Operation[] = [...tokenOperations, ...documentOperations, ...adminApiOperations];

export const everyOperation: Operation[] = [...operations, ...manyGroups.flatMap((series) => series.operations)];
