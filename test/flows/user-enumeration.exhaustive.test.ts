import { describeEnumeration } from './user-enumeration.ts';

describe('user enumeration, measured', () => {
  describeEnumeration({ tries: Number(process.env['COHORT_TEST_ENUMERATION'] ?? 200), bound: 0.25 });
});
