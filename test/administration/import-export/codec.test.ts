import { shield, unshield } from '../../../src/administration/import-export/csv-cells.ts';
import { readRows } from '../../../src/administration/import-export/row-reader.ts';
import { createRowWriter } from '../../../src/administration/import-export/row-writer.ts';
import {
  BEGINNING,
  type Columns,
  type Format,
  type Position,
  type SourceRow,
} from '../../../src/administration/import-export/row.ts';
import { pieces } from './files.ts';

const columns: Columns = {
  name: 'text',
  note: 'text',
  since: 'optional',
  isNew: 'flag',
  tags: 'list',
  custom_data: 'json',
};

interface Reading {
  format: Format;
  from?: Position;
  pieceBytes?: number;
}

async function read(text: string | Buffer, { format, from = BEGINNING, pieceBytes = 64 * 1024 }: Reading) {
  const rows: SourceRow[] = [];
  const source = pieces(Buffer.from(text).subarray(from.offset), pieceBytes);
  for await (const row of readRows(source, { format, columns, from })) rows.push(row);
  return rows;
}

const valuesOf = (rows: SourceRow[]) => rows.map(({ values }) => values);
const faultsOf = (rows: SourceRow[]) =>
  rows.filter(({ faults }) => faults.length > 0).map(({ line, faults }) => ({ line, faults }));

/** The same every time, so that a failure can be repeated. */
function randomSource(seed: number) {
  let state = seed;
  const below = (limit: number) => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return Math.floor((state / 2 ** 32) * limit);
  };
  return { below, pick: <T>(items: T[]): T => items[below(items.length)]! };
}

const NASTY = [
  '=',
  '+',
  '-',
  '@',
  '\t',
  '\r',
  '\n',
  '\r\n',
  "'",
  '"',
  '""',
  ',',
  ';',
  '[',
  '{',
  ' ',
  '＝',
  '＋',
  '－',
  '＠',
  'ü',
  '👩‍🚀',
  '\uFEFF',
  '\0',
  'a',
  '1',
  '\\',
  '\u2028',
  'null',
  '#',
];

function nastyText({ below, pick }: ReturnType<typeof randomSource>, longest = 6): string {
  return Array.from({ length: below(longest + 1) }, () => pick(NASTY)).join('');
}

/** An empty cell says nothing. */
const withoutEmpty = (row: Record<string, unknown>) =>
  Object.fromEntries(
    Object.entries(row).filter(
      ([, value]) => !(typeof value === 'string' && shield(value).trim() === '') && !isEmptyList(value),
    ),
  );
const isEmptyList = (value: unknown) => Array.isArray(value) && value.length === 0;

describe('a cell that a spreadsheet would run', () => {
  const formulas = [
    '=1+1',
    '+1',
    '-1',
    '@SUM(A1)',
    '\t=1',
    '\r=1',
    '\n=1',
    '＝1',
    '＋1',
    '－1',
    '＠1',
    '"=1',
    "'=1",
    ' =1',
    '" \'=1',
  ];
  it.each(formulas)('is made harmless and restored: %j', (value) => {
    expect(shield(value)).toBe(`'${value}`);
    expect(unshield(shield(value))).toBe(value);
  });

  it('is told from an apostrophe that somebody wrote', () => {
    expect(shield("'t Hooft")).toBe("''t Hooft");
    expect(unshield("''t Hooft")).toBe("'t Hooft");
    expect(unshield("'t Hooft")).toBe("'t Hooft");
    expect(shield('Ada')).toBe('Ada');
  });
});

describe.each(['csv', 'jsonl'] as const)('a %s file', (format) => {
  it('brings back exactly what was written, however nasty, in pieces of any size', async () => {
    for (let seed = 1; seed <= 60; seed += 1) {
      const random = randomSource(seed);
      const rows = Array.from({ length: 20 }, () => ({
        name: `n${nastyText(random)}`,
        note: nastyText(random),
        isNew: random.below(2) === 1,
        tags: Array.from({ length: random.below(4) }, () => nastyText(random)),
        custom_data: { [`k${nastyText(random)}`]: [nastyText(random), { n: random.below(100) - 50 }] },
      }));
      const writer = createRowWriter(format, columns);
      const text = writer.head() + writer.write(rows.slice(0, 7)) + writer.write(rows.slice(7));
      const found = await read(text, { format, pieceBytes: 1 + random.below(50) });
      expect(faultsOf(found)).toEqual([]);
      expect(valuesOf(found)).toEqual(format === 'csv' ? rows.map(withoutEmpty) : rows);
    }
  });

  it('can be read on from behind any row', async () => {
    const random = randomSource(7);
    const rows = Array.from({ length: 30 }, (_, index) => ({ name: `n${index}`, note: nastyText(random), tags: [] }));
    const writer = createRowWriter(format, columns);
    const text = Buffer.from(writer.head() + writer.write(rows));
    const all = await read(text, { format });
    for (const [index, { next }] of all.entries()) {
      const rest = await read(text, { format, from: structuredClone(next), pieceBytes: 11 });
      expect(rest).toEqual(all.slice(index + 1));
    }
    expect(all.at(-1)!.next.offset).toBe(text.length);
  });

  it('refuses what is too long or not UTF-8, with its line, and goes on', async () => {
    const line = (name: string) => (format === 'csv' ? `${name},x` : JSON.stringify({ name, note: 'x' }));
    const header = format === 'csv' ? ['name,note'] : [];
    const lines = [
      ...header,
      line('Ada'),
      line('x'.repeat(300_000)),
      line('Grace'),
      line('\u0001bad'),
      line('Joan'),
      '',
    ];
    const bytes = Buffer.from(lines.join('\n'));
    bytes[bytes.indexOf(format === 'csv' ? 1 : '\\u0001')] = 0xff;
    const rows = await read(bytes, { format, pieceBytes: 10_000 });
    const first = header.length + 1;
    expect(faultsOf(rows)).toEqual([
      { line: first + 1, faults: [{ reason: 'is longer than 262144 bytes' }] },
      { line: first + 3, faults: [{ reason: 'is not valid UTF-8' }] },
    ]);
    expect(rows.map(({ values }) => values['name'])).toEqual(['Ada', undefined, 'Grace', undefined, 'Joan']);
    expect(rows.map(({ line }) => line)).toEqual([0, 1, 2, 3, 4].map((n) => n + first));
  });

  it('may begin with a byte order mark, end lines with CR LF, and have empty lines', async () => {
    const lines =
      format === 'csv'
        ? ['\uFEFF"name",note', '', 'Ada,1', '  ', 'Grace,2']
        : ['\uFEFF{"name":"Ada","note":"1"}', '', '{"name":"Grace","note":"2"}'];
    for (const pieceBytes of [1, 2, 1000]) {
      const rows = await read(lines.join('\r\n'), { format, pieceBytes });
      expect(faultsOf(rows)).toEqual([]);
      expect(valuesOf(rows)).toEqual([
        { name: 'Ada', note: '1' },
        { name: 'Grace', note: '2' },
      ]);
    }
  });

  it('that is empty has no rows', async () => {
    expect(await read('', { format })).toEqual([]);
    expect(await read('\uFEFF\r\n\r\n', { format })).toEqual([]);
  });
});

describe('a JSON Lines file', () => {
  it('has a faulty row for each line that is no object, and for unknown columns', async () => {
    const rows = await read(
      [
        '{"name":"Ada","colour":"red","custom_data.x":"1"}',
        '[1]',
        '{"name":',
        '"x"',
        '{"name":"\\ud83d"}',
        '{"name":"a\0b"}',
        '{"name":"\\ud83d\\ude80","note":null}',
      ].join('\n'),
      { format: 'jsonl' },
    );
    expect(faultsOf(rows)).toEqual([
      {
        line: 1,
        faults: [
          { column: 'colour', reason: 'is not a column of this type' },
          { column: 'custom_data.x', reason: 'is not a column of this type' },
        ],
      },
      { line: 2, faults: [{ reason: 'is not a JSON object' }] },
      { line: 3, faults: [{ reason: 'is not valid JSON' }] },
      { line: 4, faults: [{ reason: 'is not a JSON object' }] },
      {
        line: 5,
        faults: [{ column: 'name', reason: 'contains an incomplete Unicode character (half of a surrogate pair)' }],
      },
      { line: 6, faults: [{ reason: 'is not valid JSON' }] },
    ]);
    expect(rows.at(-1)!.values).toEqual({ name: '🚀' });
  });
});

describe('a CSV file', () => {
  it('counts lines as an editor does, with line breaks in quotes', async () => {
    const rows = await read('name,note\r\n"Ada","one\r\ntwo\r\n\r\nfour"\r\n\r\nGrace,x\r\n', { format: 'csv' });
    expect(rows.map(({ line, values }) => ({ line, ...values }))).toEqual([
      { line: 2, name: 'Ada', note: 'one\r\ntwo\r\n\r\nfour' },
      { line: 7, name: 'Grace', note: 'x' },
    ]);
  });

  it('keeps broken quotes and missing cells to their own row', async () => {
    const rows = await read('name,note\nAda "A" L,x\n"Ada" L,x\na"b,x\nonly one\na,b,c\nGrace,ok\n', { format: 'csv' });
    expect(faultsOf(rows)).toEqual([
      { line: 2, faults: [{ reason: 'is not valid CSV: unexpected quote' }] },
      { line: 3, faults: [{ reason: 'is not valid CSV: unexpected quote' }] },
      { line: 4, faults: [{ reason: 'is not valid CSV: unexpected quote' }] },
      { line: 5, faults: [{ reason: 'has 1 cells, but the header has 2' }] },
      { line: 6, faults: [{ reason: 'has 3 cells, but the header has 2' }] },
    ]);
    expect(rows.at(-1)).toMatchObject({ line: 7, values: { name: 'Grace', note: 'ok' } });
  });

  it('refuses text after a quote that closes a cell, even a space', async () => {
    const rows = await read('name,note\n"Ada" ,x\nGrace,"x" \nJoan,"x"\n', { format: 'csv' });
    expect(faultsOf(rows)).toEqual([
      { line: 2, faults: [{ reason: 'is not valid CSV: unexpected quote' }] },
      { line: 3, faults: [{ reason: 'is not valid CSV: unexpected quote' }] },
    ]);
  });

  it('finds the end of a row that is too long as it finds that of any other', async () => {
    const long = 'x'.repeat(300_000);
    const looksLikeRows = 'Mallory,""x""\n'.repeat(30_000);
    const lines = [
      'name,note',
      'Ada,1',
      `"${looksLikeRows}",x`,
      'Grace,2',
      `5" ${long},x`,
      'Joan,3',
      `"",${long}`,
      'Mary,4',
    ];
    for (const pieceBytes of [999, 64 * 1024, 1024 * 1024]) {
      const rows = await read(lines.join('\r\n'), { format: 'csv', pieceBytes });
      expect(rows.map(({ line, values }) => ({ line, name: values['name'] }))).toEqual([
        { line: 2, name: 'Ada' },
        { line: 3, name: undefined },
        { line: 30_004, name: 'Grace' },
        { line: 30_005, name: undefined },
        { line: 30_006, name: 'Joan' },
        { line: 30_007, name: undefined },
        { line: 30_008, name: 'Mary' },
      ]);
      const reasons = new Set(faultsOf(rows).flatMap(({ faults }) => faults.map(({ reason }) => reason)));
      expect(reasons).toEqual(new Set(['is longer than 262144 bytes']));
    }
  });

  it('ends with a clear fault at a quote that is never closed', async () => {
    const rows = await read(`name,note\nAda,x\nGrace,"never\n${'Joan,x\n'.repeat(50_000)}`, { format: 'csv' });
    expect(rows.map(({ line, faults }) => ({ line, faults }))).toEqual([
      { line: 2, faults: [] },
      {
        line: 3,
        faults: [{ reason: 'a quote in this row is not closed, so the rest of the file could not be read' }],
      },
    ]);
  });

  it('is not read at all with a header that cannot be used', async () => {
    expect(faultsOf(await read('name|note\nAda|x\n', { format: 'csv' }))).toEqual([
      {
        line: 1,
        faults: [
          { column: 'name|note', reason: 'is not a column of this type' },
          { reason: 'the header is not valid, so no rows were read' },
        ],
      },
    ]);
    expect(faultsOf(await read('name,name\nAda,x\n', { format: 'csv' }))).toHaveLength(1);
  });

  it('takes lists with semicolons or as JSON, flags in any case, and parts of the custom data as text', async () => {
    const rows = await read(
      'name,tags,isNew,custom_data.post.code,custom_data\nAda,Staff; Pilots,TRUE,00123,"{""a"":1}"\nGrace,"[""a;b""]",maybe,,\nJoan,[,,,{\n',
      { format: 'csv' },
    );
    expect(valuesOf(rows.slice(0, 2))).toEqual([
      { name: 'Ada', tags: ['Staff', 'Pilots'], isNew: true, 'custom_data.post.code': '00123', custom_data: { a: 1 } },
      { name: 'Grace', tags: ['a;b'], isNew: 'maybe' },
    ]);
    expect(rows[2]!.faults).toEqual([
      { column: 'tags', reason: 'is not valid JSON' },
      { column: 'custom_data', reason: 'is not valid JSON' },
    ]);
  });
});
