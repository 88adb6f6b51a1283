import { compareKeys } from '../../src/platform/sort-keys.ts';

/** As the database compares them. */
const inBytes = (a: string, b: string) => Buffer.compare(Buffer.from(a), Buffer.from(b));

describe('keys', () => {
  const letters = [
    '',
    'a',
    'ab',
    'b',
    'é',
    '\u{D7FF}',
    '\u{E000}',
    '\u{FFFF}',
    '\u{10000}',
    '\u{1F600}',
    '\u{10FFFF}',
    '\0',
  ];
  const keys = letters.flatMap((first) => letters.map((second) => first + second));

  it('are in the order in which the database has them, also beyond the basic plane', () => {
    const differences = keys.flatMap((a) =>
      keys.filter((b) => Math.sign(compareKeys(a, b)) !== inBytes(a, b)).map((b) => [a, b]),
    );
    expect(differences).toEqual([]);
  });

  it('have another order in JavaScript itself', () => {
    expect([...keys].sort()).not.toEqual([...keys].sort(compareKeys));
  });
});
