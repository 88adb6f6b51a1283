import { mkdir, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { toMarkdown, toText, type Table } from './table.ts';

/** What a benchmark found, for people. */
export interface Report {
  title: string;
  /** What the figures depend on, a sentence each. */
  facts: string[];
  sections: Section[];
}

export interface Section {
  title: string;
  table?: Table;
  /** What has to be known to read the table, or what was found, a sentence each. */
  notes: string[];
}

/** Where a report goes besides the terminal. */
export interface Files {
  /** For every figure. */
  json: string | undefined;
  /** For the report, as in bench/results/. */
  markdown: string | undefined;
}

export async function writeFiles(report: Report, figures: object, { json, markdown }: Files): Promise<void> {
  if (json) await write(json, `${JSON.stringify(figures, null, 2)}\n`);
  if (markdown) await write(markdown, documentOf(report));
}

async function write(file: string, content: string): Promise<void> {
  await mkdir(dirname(file), { recursive: true });
  await writeFile(file, content);
}

export const introductionOf = ({ title, facts }: Pick<Report, 'title' | 'facts'>): string =>
  [title, ...facts].join('\n');

export const printedSection = ({ title, table, notes }: Section): string =>
  [title, ...(table ? [toText(table)] : []), ...notes].join('\n');

function documentOf({ title, facts, sections }: Report): string {
  const parts = sections.map((section) =>
    [`## ${section.title}`, section.table ? toMarkdown(section.table) : '', list(section.notes)]
      .filter((part) => part !== '')
      .join('\n\n'),
  );
  return `${[`# ${title}`, list(facts), ...parts].join('\n\n')}\n`;
}

const list = (sentences: string[]): string => sentences.map((sentence) => `- ${sentence}`).join('\n');
