import { enableCompileCache } from 'node:module';
import { join } from 'node:path';
import { cacheFolderOf } from '../platform/cache-folder.js';

/**
 * Keeps what is compiled from now on for the next start, which then takes a third less processor time. Where it cannot be
 * written, nothing is kept.
 * @param {import('../../config/environment.js').Environment} environment
 */
export function keepCompiledCode(environment) {
  // Not in the folder of temporary files, which is Node's default: anyone who writes there first would decide what this process runs.
  enableCompileCache(join(cacheFolderOf(environment['COHORT_CACHE_DIR']), 'code'));
}
