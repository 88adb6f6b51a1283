#!/usr/bin/env node
import { processEnvironment } from '../../config/environment.js';
import { keepCompiledCode } from '../app/code-cache.js';

keepCompiledCode(processEnvironment());
// A static import would be compiled before.
await import('./commands.ts');
