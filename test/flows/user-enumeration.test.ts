import { describeEnumeration } from './user-enumeration.ts';

describe('user enumeration', () => {
  // A short look, which only a difference as large as a missing hash fails.
  describeEnumeration({ tries: 20, bound: 0.5 });
});
