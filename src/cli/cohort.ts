#!/usr/bin/env node
import { processEnvironment } from '../../config/environment.ts';
import { keepCompiledCode } from '../app/code-cache.ts';

keepCompiledCode(processEnvironment());
// A static import would be compiled before.
await import('./commands.ts');
