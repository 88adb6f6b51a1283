import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startApp, type TestApp } from '../../support/app.ts';
import { collection, documents, importText } from './files.ts';

const REALM = join(import.meta.dirname, 'keycloak', 'realm.json');
const manual = readFileSync(join(import.meta.dirname, '..', '..', '..', 'docs', 'keycloak.md'), 'utf8');

/** What the command of the manual writes into a file. */
function made(file: string): string {
  const command = [...manual.matchAll(/^jq (-\w) '([^']*)' realm\.json > (\S+)$/gm)].find(
    ([, , , name]) => name === file,
  );
  if (!command) throw new Error(`The manual makes no ${file}.`);
  return execFileSync('jq', [command[1]!, command[2]!, REALM], { encoding: 'utf8' });
}

describe('the manual for moving from Keycloak', () => {
  let test: TestApp;
  beforeAll(async () => {
    test = await startApp();
  });
  afterAll(() => test.tearDown());

  it('gets the same from a running server', () => {
    const script = /## From a running Keycloak[^]*?```sh\n([^]*?)npx cohort/.exec(manual)![1]!;
    const folder = mkdtempSync(join(tmpdir(), 'cohort-keycloak-'));
    try {
      // Answers what the admin API of Keycloak answers: one level of groups, or the members of a group.
      const answer = [
        '#!/bin/sh',
        'case "$2" in',
        `groups) jq '[.groups[] | del(.subGroups)]' "$REALM" ;;`,
        'groups/*/children)',
        '  id=${2#groups/}; id=${id%/children}',
        `  jq --arg id "$id" '[.groups[] | recurse(.subGroups[]) | select(.id == $id) | .subGroups[] | del(.subGroups)]' "$REALM" ;;`,
        'groups/*/members)',
        '  id=${2#groups/}; id=${id%/members}',
        `  jq --arg id "$id" '(.groups[] | recurse(.subGroups[]) | select(.id == $id) | .path) as $path`,
        `    | [.users[] | select(.groups | index($path)) | del(.groups)]' "$REALM" ;;`,
        'esac',
      ];
      writeFileSync(join(folder, 'kcadm.sh'), `${answer.join('\n')}\n`, { mode: 0o700 });
      const env = { PATH: `${folder}:${process.env['PATH']}`, REALM };
      execFileSync('bash', ['--norc', '-euo', 'pipefail', '-c', script], { cwd: folder, env });
      expect(readFileSync(join(folder, 'groups.jsonl'), 'utf8')).toBe(made('groups.jsonl'));
      expect(
        readFileSync(join(folder, 'members.jsonl'), 'utf8')
          .trim()
          .split('\n')
          .map((row) => JSON.parse(row)),
      ).toEqual([
        {
          username: 'ada@example.com',
          first_name: 'Ada',
          last_name: 'Lovelace',
          groups: ['/R&D ~/ Lab'],
          status: null,
        },
        {
          username: 'ada@example.com',
          first_name: 'Ada',
          last_name: 'Lovelace',
          groups: ['/Team A/Developers'],
          status: null,
        },
        {
          username: 'grace@example.com',
          first_name: 'Grace',
          last_name: 'Hopper',
          groups: ['/Team B/Developers'],
          status: 'disabled',
        },
      ]);
    } finally {
      rmSync(folder, { recursive: true });
    }
  });

  it('brings the groups of a realm, of the same name in two teams too, and the users into them', async () => {
    const groups = await importText(test, 'groups', made('groups.jsonl'), { renameGroups: true });
    expect(groups).toEqual({ counts: { created: 5, updated: 0, unchanged: 0, failed: 0 }, faults: [] });
    const csv = await importText(test, 'groups', made('groups.csv'), { format: 'csv' });
    expect(csv.counts).toMatchObject({ unchanged: 5, failed: 0 });
    const users = await importText(test, 'users', made('users.jsonl'));
    expect(users).toEqual({ counts: { created: 2, updated: 0, unchanged: 0, failed: 0 }, faults: [] });

    const names = new Map((await documents(test, 'groups')).map(({ _id, name }) => [String(_id), name]));
    const found = await collection(test, 'users').find({}).sort({ username: 1 }).toArray();
    const groupsOf = (user: (typeof found)[number]) =>
      (user['memberships'] as { group: string }[]).map(({ group }) => names.get(group));
    expect(found.map((user) => [user['username'], user['status'], groupsOf(user)])).toEqual([
      ['ada@example.com', 'invited', ['Developers', 'R&D / Lab']],
      ['grace@example.com', 'disabled', ['Team B / Developers']],
    ]);
    const developers = await collection(test, 'groups').findOne({ name: 'Developers' });
    expect(developers).toMatchObject({ customData: { cost_center: ['4711'] } });
  });
});
