import { VITALS, WITH_TASKS } from './child.ts';
import { serveCohort } from './serve-cohort.ts';
import { createVitals } from './vitals.ts';

// Cohort with its default settings, on a database that cohort-data.ts has filled.
const [, , dataDir = '', option] = process.argv;
const vitals = createVitals();
await serveCohort({
  dataDir,
  withTasks: option === WITH_TASKS,
  orders: () => ({ [VITALS]: async () => vitals() }),
});
