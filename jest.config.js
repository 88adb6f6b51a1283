// Tests run on the real server and a real MongoDB; few files that each load everything start faster than many.
export default {
  testEnvironment: 'node',
  testMatch: ['<rootDir>/test/**/*.test.ts'],
  // `npm run test:exhaustive` runs these.
  testPathIgnorePatterns: ['\\.exhaustive\\.test\\.ts$'],
  extensionsToTreatAsEsm: ['.ts'],
  transform: {
    '^.+\\.ts$': [
      '@swc/jest',
      { jsc: { parser: { syntax: 'typescript' }, target: 'es2024' }, module: { type: 'es6' }, sourceMaps: 'inline' },
    ],
  },
  globalSetup: '<rootDir>/test/support/global-setup.ts',
  globalTeardown: '<rootDir>/test/support/global-teardown.ts',
  maxWorkers: 2,
  // Each file loads everything anew and the old is not all given back; two workers would grow to some 4 GB.
  workerIdleMemoryLimit: '1GB',
  testTimeout: 120_000,
};
