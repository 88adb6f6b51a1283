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
      // Nothing here has a `this`: factories return plain functions, which may be passed on.
      '@typescript-eslint/unbound-method': 'off',
      // What is taken out of an object only to leave it out of the rest is named with an underscore.
      '@typescript-eslint/no-unused-vars': ['error', { argsIgnorePattern: '^_', varsIgnorePattern: '^_' }],
      // Koa's own type of `next` gives back a promise of anything.
      '@typescript-eslint/no-unsafe-return': 'off',
      'no-console': 'error',
      'no-nested-ternary': 'error',
      'no-restricted-syntax': [
        'error',
        {
          selector: 'ObjectExpression > SpreadElement > ObjectExpression',
          message: 'Write the keys on lines of their own: a spread literal turns off the check for excess properties.',
        },
        {
          selector: 'ObjectExpression > SpreadElement > Identifier[name=/^(options|deps|platform)$/]',
          message: 'Name what is passed on, key by key.',
        },
        {
          selector: "VariableDeclarator[id.type='ArrayPattern'][init.type='ArrayExpression']",
          message: 'Declare one variable at a time.',
        },
        {
          selector: "AssignmentExpression[left.type='ArrayPattern'][right.type='ArrayExpression']",
          message: 'Assign one variable at a time.',
        },
      ],
    },
  },
  { files: ['src/cli/**', 'src/demo/**', 'bench/**', 'src/app/start.ts'], rules: { 'no-console': 'off' } },
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
