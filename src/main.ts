import { processEnvironment } from '../config/environment.ts';
import { keepCompiledCode } from './app/code-cache.ts';

keepCompiledCode(processEnvironment());
// A static import would be compiled before.
await import('./app/start.ts');
