import { system } from '../../../src/platform/actor.ts';
import type { Format, RecordType } from '../../../src/administration/import-export/row.ts';
import { RECORD_TYPES } from '../../../src/administration/import-export/row.ts';
import {
  giveApplication,
  giveGroup,
  giveUser,
  giveRole,
  giveService,
  PASSWORD,
  startApp,
  type TestApp,
} from '../../support/app.ts';
import { collection, documents, exportText, importText } from './files.ts';

let source: TestApp;

beforeAll(async () => {
  source = await startApp();
  await furnish(source);
});
afterAll(() => source.tearDown());

/** Some of everything, with values that spreadsheets and quotes make trouble of. */
async function furnish(test: TestApp): Promise<void> {
  const editor = await giveRole(test, '=Editor');
  const reader = await giveRole(test, "'Reader; or not");
  const ada = await giveUser(test, 'ada@example.com', { firstName: '=1+1', lastName: '\'t Hooft, "Ada"' });
  const grace = await giveUser(test, 'grace@example.com', { temporary: true, firstName: '－Grace' });
  await giveUser(test, 'root@example.com', { kind: 'administrator' });
  await giveGroup(test, 'Staff; all', [ada.id, grace.id], [reader.id, editor.id]);
  const pilots = await giveGroup(test, '[Pilots]', [grace.id]);
  await test.app.groups.update(system, pilots.id, { name: '[Aviators]' });
  const helper = await giveUser(test, 'helper@example.com', { kind: 'administrator' });
  const limit = { adminRoles: ['users' as const], adminScope: [pilots.id] };
  await test.app.users.setAdministration(system, helper.id, limit);
  const gone = await giveGroup(test, 'Gone', [ada.id]);
  await test.app.groups.remove(system, gone.id);
  await test.app.memberships.purgeDeleted();
  const { users, applications } = test.app;
  await users.update(system, ada.id, {
    custom_data: { n: -0.5, list: ['\t', null, 1e300, { '=': true }], text: 'a\r\nb\r' },
  });
  await users.disable(system, grace.id);
  await users.create(system, {
    username: 'joan@example.com',
    first_name: '',
    last_name: '',
    kind: 'customer',
    custom_data: {},
  });
  await collection(test, 'users').updateOne({ _id: ada.id as never }, { $set: { lastSignInAt: ada.createdAt } });
  await users.update(system, ada.id, { first_name: '@Ada' });

  for (const type of ['web', 'spa', 'native'] as const)
    await giveApplication(test, { type, skipConsent: type === 'spa' });
  await giveService(test);
  await applications.register({
    client_id: 'registered-1',
    client_secret: 'a secret that it was given',
    client_name: 'Registers itself',
    grant_types: ['urn:ietf:params:oauth:grant-type:device_code'],
    response_types: [],
    'x.$odd': { $key: ['"'] },
    token_endpoint_auth_method: 'client_secret_post',
  });
}

async function restore(from: TestApp, into: TestApp, format: Format): Promise<void> {
  for (const type of RECORD_TYPES) {
    const text = await exportText(from, type, { format, withSecrets: true });
    const { counts, faults } = await importText(into, type, text, { format });
    expect(faults).toEqual([]);
    expect(counts.created).toBe((await documents(from, type)).length);
  }
}

/** An encrypted value is different every time; what is in it must be the same. */
async function contentOf(test: TestApp, type: RecordType) {
  // A copy has no sign-ins that anything could have ended.
  const found = (await documents(test, type)).map(({ proofsValidSince: _ended, ...rest }) => rest);
  if (type !== 'applications') return found;
  return Promise.all(
    found.map(async ({ encryptedSecret, ...rest }) => ({
      ...rest,
      isEncrypted: encryptedSecret !== undefined,
      secret: (await test.app.applications.clientMetadata(String(rest._id)))!['client_secret'],
    })),
  );
}

describe.each(['jsonl', 'csv'] as const)('an export with secrets as %s', (format) => {
  it('makes an equal database of an empty one, and changes nothing when it is imported once more', async () => {
    const copy = await startApp();
    try {
      await restore(source, copy, format);
      for (const type of RECORD_TYPES) expect(await contentOf(copy, type)).toEqual(await contentOf(source, type));
      expect(await copy.app.credentials.verify('ada@example.com', PASSWORD, { address: '127.0.0.1' })).toBeDefined();

      const before = await documents(copy, 'users');
      for (const type of RECORD_TYPES) {
        const text = await exportText(source, type, { format, withSecrets: true });
        const { counts } = await importText(copy, type, text, { format });
        expect(counts).toMatchObject({ created: 0, updated: 0, failed: 0 });
        expect(await exportText(copy, type, { format, withSecrets: true })).toBe(text);
      }
      expect(await documents(copy, 'users')).toEqual(before);
    } finally {
      await copy.tearDown();
    }
  });

  it('has no cell or value of a secret unless asked for', async () => {
    const texts = await Promise.all(RECORD_TYPES.map((type) => exportText(source, type, { format })));
    expect(texts.join('\n')).not.toMatch(/argon2|password|client_secret"|a secret that|encrypted/);
    expect(await exportText(source, 'users', { format, withSecrets: true })).toContain('$argon2id$');
  });
});

it('an export without secrets restores people who have to be given a password', async () => {
  const copy = await startApp();
  try {
    for (const type of RECORD_TYPES) {
      const { faults } = await importText(copy, type, await exportText(source, type));
      expect(faults).toEqual([]);
    }
    expect(await copy.app.credentials.verify('ada@example.com', PASSWORD, { address: '127.0.0.1' })).toBeUndefined();
    expect((await documents(copy, 'users')).map(({ _id }) => _id)).toEqual(
      (await documents(source, 'users')).map(({ _id }) => _id),
    );
  } finally {
    await copy.tearDown();
  }
});
