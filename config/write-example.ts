import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { environmentExample, settingsTable } from './example.ts';

const root = join(import.meta.dirname, '..');
const readme = join(root, 'README.md');

writeFileSync(join(root, '.env.example'), environmentExample());
const [before, after] = readFileSync(readme, 'utf8').split(/<!-- settings -->[\s\S]*<!-- \/settings -->/);
writeFileSync(readme, `${before}<!-- settings -->\n\n${settingsTable()}\n\n<!-- /settings -->${after}`);
