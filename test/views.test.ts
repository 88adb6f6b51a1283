import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

const folder = join(import.meta.dirname, '..', 'views');
const views = readdirSync(folder, { recursive: true, encoding: 'utf8' })
  .filter((name) => name.endsWith('.ejs'))
  .map((name) => ({ name, text: readFileSync(join(folder, name), 'utf8') }));

/** What stands between `<%` and `%>`, without comments. */
const scripts = views.flatMap(({ name, text }) =>
  [...text.matchAll(/<%(?!#)[-=_]?([\s\S]*?)[-_]?%>/g)].map(([, script = '']) => ({ name, script: script.trim() })),
);

/** Declares a name; the one of a loop is allowed. */
const DECLARES = /(?<!for \()\b(const|let|var|function|class)\b/;

/** Builds something out of something else. */
const BUILDS = /=>|\bnew [A-Z]|\bObject\.(keys|values|fromEntries|assign)\b|\b(Math|JSON|Intl|Date)\b/;
const METHODS = [
  ...['at', 'concat', 'every', 'filter', 'find', 'findLast', 'flat', 'flatMap', 'forEach', 'includes', 'indexOf'],
  ...['join', 'map', 'padStart', 'push', 'reduce', 'replace', 'replaceAll', 'reverse', 'slice', 'some', 'sort'],
  ...['split', 'toFixed', 'toLowerCase', 'toUpperCase', 'trim'],
];
const CALLS = new RegExp(`\\.(${METHODS.join('|')})\\(`);

const LONGEST_LINE = 160;

describe('the views', () => {
  it('are read at all', () => {
    expect(views.length).toBeGreaterThan(100);
    expect(scripts.length).toBeGreaterThan(1000);
  });

  it('have no line that has to be scrolled to be read', () => {
    const lines = views.flatMap(({ name, text }) =>
      text.split('\n').map((line, index) => ({ at: `${name}:${index + 1}`, line })),
    );
    expect(lines.filter(({ line }) => line.length > LONGEST_LINE)).toEqual([]);
  });

  it('show a finished model and build none', () => {
    const builders = scripts.filter(({ script }) => [DECLARES, BUILDS, CALLS].some((pattern) => pattern.test(script)));
    expect(builders).toEqual([]);
  });
});
