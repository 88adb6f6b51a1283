import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { CURRENT_MS } from '../../src/platform/db/change-feed.mongo.ts';
import { ENDINGS, NARROW_ENDINGS, type Ending } from '../support/endings.ts';
import { adminToken, startApp, type TestApp } from '../support/app.ts';
import { createOpenThings, type Open } from './open-things.ts';

/** An event, and what becomes of each thing. */
interface Row {
  event: string;
  cells: Record<string, string>;
}

/** The table in `docs/operations.md`. */
export function documentedTable(): Row[] {
  const text = readFileSync(join(import.meta.dirname, '../../docs/operations.md'), 'utf8');
  const [, section = ''] = /## What ends what\n([\s\S]*?)\n## /.exec(text) ?? [];
  const rows = section
    .split('\n')
    .filter((line) => line.startsWith('|'))
    .map((line) =>
      line
        .split('|')
        .slice(1, -1)
        .map((cell) => cell.trim()),
    );
  const [[, ...things] = [], , ...lines] = rows;
  return lines.map(([event = '', ...cells]) => ({
    event,
    cells: Object.fromEntries(things.map((thing, index) => [thing, cells[index] ?? ''])),
  }));
}

export const eventsByName = new Map([...ENDINGS, ...NARROW_ENDINGS].map((ending) => [ending.name, ending]));

/** Lets these events happen to each thing, and compares what became of it with the table. */
export function itEndsAsDocumented(rows: Row[], on: () => Nodes): void {
  it.each(rows)('$event', async ({ event, cells }) => {
    const seen = await Promise.all(
      Object.keys(cells).map(async (thing) => [thing, await fateOf(on(), thing, eventsByName.get(event)!)] as const),
    );
    expect(Object.fromEntries(seen)).toEqual(cells);
  });
}

/** Two nodes on one database: what is open is made on one, and ended on the other. */
export interface Nodes {
  test: TestApp;
  other: TestApp;
  token: string;
  things: Record<string, () => Promise<Open>>;
  stop(): Promise<void>;
}

export async function startNodes(): Promise<Nodes> {
  const test = await startApp();
  const other = await startApp({ uri: test.uri, settings: { COHORT_ISSUER: test.issuer } });
  const token = await adminToken(test);
  const things = await createOpenThings(test);
  const stop = async () => {
    await other.app.stop();
    await test.tearDown();
  };
  return { test, other, token, things, stop };
}

async function fateOf({ test, other, token, things }: Nodes, thing: string, { act }: Ending): Promise<string> {
  const { user, isGood } = await things[thing]!();
  await act(other, user, token);
  if (await isGood(other)) return 'stays';
  // What another node has ended may count for so long.
  await pause(CURRENT_MS);
  return (await isGood(test)) ? 'stays' : 'ends';
}
