import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { readAssets } from '../../../src/platform/http/assets.ts';

const folder = join(import.meta.dirname, '..', '..', '..', 'views', 'assets');
const sheets = readAssets(folder).filter(({ name }) => name.endsWith('.css'));

describe('a style sheet', () => {
  it('is one file for a browser', () => {
    expect(sheets.map(({ name }) => name).sort()).toEqual(['cohort.css', 'console.css', 'json-tree.css']);
    for (const { name, content } of sheets)
      expect({ name, text: content.toString() }).not.toMatchObject({
        text: expect.stringContaining('@import'),
      });
  });

  it.each(['cohort', 'console'])('has every file of its folder: %s', (name) => {
    const text = sheets.find((sheet) => sheet.name === `${name}.css`)!.content.toString();
    const parts = readdirSync(join(folder, name)).map((part) => readFileSync(join(folder, name, part), 'utf8'));
    expect(parts.length).toBeGreaterThan(5);
    expect(parts.filter((part) => !text.includes(part))).toEqual([]);
  });
});
