import config from './jest.config.js';

// What takes minutes: every page in every look, timing, kill -9, long races. `npm test` has a short part of each.
export default {
  ...config,
  testMatch: ['<rootDir>/test/**/*.exhaustive.test.ts'],
  testPathIgnorePatterns: [],
  testTimeout: 600_000,
};
