import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { authorizationPage } from './authorization-page.ts';

writeFileSync(join(import.meta.dirname, '..', '..', 'docs', 'authorization.md'), await authorizationPage());
