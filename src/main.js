import { processEnvironment } from '../config/environment.js';
import { keepCompiledCode } from './app/code-cache.js';

// This file and its imports are JavaScript, because nothing is cached before them: for TypeScript, Node would load its parser
// at every start, which takes 70 ms and 10 MB.
keepCompiledCode(processEnvironment());
// A static import would be compiled before.
await import('./app/start.ts');
