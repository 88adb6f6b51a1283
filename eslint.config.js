import tseslint from 'typescript-eslint';

export default tseslint.config(
  { ignores: ['node_modules/', 'data/', 'coverage/', 'screenshots/', 'views/assets/'] },
  ...tseslint.configs.recommendedTypeChecked,
  {
    languageOptions: { parserOptions: { projectService: true, tsconfigRootDir: import.meta.dirname } },
    rules: {
      '@typescript-eslint/consistent-type-imports': 'error',
      '@typescript-eslint/no-floating-promises': 'error',
      '@typescript-eslint/require-await': 'off',
      '@typescript-eslint/restrict-template-expressions': ['error', { allowNumber: true }],
      // Nothing in this house has a `this`: factories return plain verbs, which may be passed on.
      '@typescript-eslint/unbound-method': 'off',
      // What is taken out of an object only to leave it out of the rest is named with an underscore.
      '@typescript-eslint/no-unused-vars': ['error', { argsIgnorePattern: '^_', varsIgnorePattern: '^_' }],
      // Koa's own type of `next` gives back a promise of anything.
      '@typescript-eslint/no-unsafe-return': 'off',
      'no-console': 'error',
    },
  },
  { files: ['src/cli/**', 'src/demo/**', 'bench/**', 'src/main.ts'], rules: { 'no-console': 'off' } },
  {
    files: ['test/**'],
    rules: {
      // supertest's `body` and decoded tokens are `any`; the tests assert their whole shape instead.
      '@typescript-eslint/no-unsafe-assignment': 'off',
      '@typescript-eslint/no-unsafe-member-access': 'off',
      '@typescript-eslint/no-unsafe-argument': 'off',
      '@typescript-eslint/no-unsafe-call': 'off',
    },
  },
  { files: ['*.js', '.ci/**/*.js'], ...tseslint.configs.disableTypeChecked },
);
