// This file and what it imports first are JavaScript, because nothing is cached before them: for TypeScript, Node would load its parser
// at every start, which takes 70 ms and 10 MB.
import { processEnvironment } from '../config/environment.js';

const NODE = 24;

if (Number.parseInt(process.versions.node) < NODE) {
  process.stderr.write(
    `Cohort needs Node.js ${NODE} or later, and this is ${process.version}. For evaluation, \`npm ci && npm start\` brings its own.\n`,
  );
  process.exit(1);
}
// Static imports would be loaded before, where an older Node fails, and compiled before the cache is on.
const { keepCompiledCode } = await import('./app/code-cache.js');
keepCompiledCode(processEnvironment());
await import('./app/start.ts');
