import { once } from 'node:events';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { startApp, type TestApp } from '../../support/app.ts';
import { newFolder } from '../../support/process.ts';
import { runCohort, startCohort, usersFile } from './cohort-command.ts';
import { collection, documents } from './files.ts';

/** People and their groups by name, without what differs from one import to the next. */
async function usersOf(app: TestApp) {
  const names = new Map((await documents(app, 'groups')).map((group) => [String(group._id), group['name'] as string]));
  const people = (await collection(app, 'users').find({}).sort({ username: 1 }).toArray()) as unknown as {
    username: string;
    status: string;
    memberships: { group: string }[];
  }[];
  return people.map(({ username, status, memberships }) => ({
    username,
    status,
    groups: memberships.map(({ group }) => names.get(group)),
  }));
}

describe('npx cohort import', () => {
  it('killed in the middle and run again comes to the same as an undisturbed import', async () => {
    const test = await startApp();
    const undisturbed = await startApp();
    const file = join(newFolder(), 'users.jsonl');
    await writeFile(file, usersFile(6000));
    const killed = startCohort(test, ['import', file, '--create-groups']);
    const people = collection(test, 'users');
    while ((await people.countDocuments()) < 1000) await pause(5);
    killed.kill('SIGKILL');
    await once(killed, 'close');
    const half = await people.countDocuments();
    expect(half % 500).toBe(0);
    expect(half).toBeLessThan(6000);

    const { code, stdout } = await runCohort(test, ['import', file, '--create-groups']);
    expect({ code, stdout }).toEqual({
      code: 0,
      stdout: `users: ${6000 - half} created, 0 updated, ${half} unchanged, 0 faulty.\n`,
    });
    await runCohort(undisturbed, ['import', file, '--create-groups']);
    expect(await usersOf(test)).toEqual(await usersOf(undisturbed));
    await undisturbed.tearDown();
    await test.tearDown();
  });
});
