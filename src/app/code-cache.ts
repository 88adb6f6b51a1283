import { enableCompileCache } from 'node:module';
import { join } from 'node:path';
import type { Environment } from '../../config/environment.ts';
import { cacheFolderOf } from '../platform/cache-folder.ts';

/**
 * Keeps what is compiled from now on for the next start, which then takes a third less processor time. Where it cannot be
 * written, nothing is kept.
 */
export function keepCompiledCode(environment: Environment): void {
  // Not in the folder of temporary files, which is Node's default: anyone who writes there first would decide what this process runs.
  enableCompileCache(join(cacheFolderOf(environment['COHORT_CACHE_DIR']), 'code'));
}
