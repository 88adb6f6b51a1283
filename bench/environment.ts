import { processEnvironment, type Environment } from '../config/load.ts';

/** Nothing of the caller's settings but where to find a mongod. */
export function databaseEnvironment(dataDir: string): Environment {
  const { PATH, HOME, MONGOD_BINARY, COHORT_CACHE_DIR } = processEnvironment();
  return { PATH, HOME, MONGOD_BINARY, COHORT_CACHE_DIR, COHORT_DATA_DIR: dataDir };
}
