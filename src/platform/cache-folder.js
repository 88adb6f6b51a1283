import { homedir } from 'node:os';
import { join } from 'node:path';

/**
 * Where this user's Cohort keeps what it could get again; `set` is `COHORT_CACHE_DIR`.
 * @param {string | undefined} set
 */
export const cacheFolderOf = (set) => set || join(homedir(), '.cache', 'cohort');
