// Tests run on the real server and a real MongoDB, in plain Node: see docs/decisions/2026-11-29-tests-in-plain-node.md.
export default {
  testEnvironment: '<rootDir>/test/support/jest/environment.ts',
  runtime: '<rootDir>/test/support/jest/runtime.ts',
  transform: {},
  testMatch: ['<rootDir>/test/**/*.test.ts'],
  // `npm run test:exhaustive` runs these.
  testPathIgnorePatterns: ['\\.exhaustive\\.test\\.ts$'],
  globalSetup: '<rootDir>/test/support/global-setup.ts',
  globalTeardown: '<rootDir>/test/support/global-teardown.ts',
  maxWorkers: 2,
  // A worker that has grown to this is replaced after the file; it does not happen in a usual run.
  workerIdleMemoryLimit: '1GB',
  testTimeout: 120_000,
};
