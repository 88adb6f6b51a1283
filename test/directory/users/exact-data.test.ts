import { adminToken, giveUser, startApp, type TestApp } from '../../support/app.ts';
import { importText } from '../../administration/import-export/files.ts';
import { enterConsole } from '../../support/console.ts';

const NUMBER = 'is a number that cannot be stored exactly; send it as a string';
const TEXT = 'contains an incomplete Unicode character (half of a surrogate pair)';
const TWICE = 'appears twice in the same object';

/** JSON of custom data, the pointer to the fault in it, and the reason. */
const ALTERED: [json: string, pointer: string, reason: string][] = [
  ['{"n":9007199254740993}', '/n', NUMBER],
  ['{"n":12345678901234567890}', '/n', NUMBER],
  ['{"n":1e400}', '/n', NUMBER],
  ['{"n":-1e400}', '/n', NUMBER],
  ['{"n":1e-400}', '/n', NUMBER],
  ['{"n":-0}', '/n', NUMBER],
  ['{"n":-0.0e3}', '/n', NUMBER],
  ['{"n":0.1234567890123456789}', '/n', NUMBER],
  ['{"a":[1,{"b/c":9007199254740993}]}', '/a/1/b~1c', NUMBER],
  ['{"t":"x\\ud800y"}', '/t', TEXT],
  ['{"t":"\\udc00\\ud800"}', '/t', TEXT],
  ['{"a":1,"a":1}', '/a', TWICE],
  ['{"a":1,"\\u0061":2}', '/a', TWICE],
  ['{"o":{"a":1,"b":2,"a":3}}', '/o/a', TWICE],
  ['{"o":{"__proto__":1}}', '/o/__proto__', "must not be named '__proto__'"],
];

const KEPT = [
  '{"n":9007199254740991}',
  '{"n":-9007199254740992}',
  '{"n":1.10}',
  '{"n":1E+2}',
  '{"n":0.30000000000000004}',
  '{"n":5e-324}',
  '{"n":1.7976931348623157e308}',
  '{"n":100000000000000000000}',
  '{"n":0.000}',
  '{"t":"\\ud83d\\ude00 \\u0000 ü"}',
  '{"a":{"x":1},"b":{"x":1}}',
  '{"a":[{"x":1},{"x":1}]}',
];

/** What would come back as another value than was sent is refused, and everything else comes back as it was. */
describe('custom data', () => {
  let test: TestApp;
  let token: string;
  let id: string;
  beforeAll(async () => {
    test = await startApp();
    token = await adminToken(test);
    ({ id } = await giveUser(test, 'ada@example.com'));
    await giveUser(test, 'root@example.com', { kind: 'administrator' });
  });
  afterAll(() => test.tearDown());

  const patch = (body: string) =>
    test.http
      .patch(`/v1/users/${id}`)
      .set('authorization', `Bearer ${token}`)
      .set('content-type', 'application/json')
      .send(body);
  const dataOf = async () => (await test.app.users.get(id)).customData;

  it.each(ALTERED)('%s is refused with a pointer', async (json, pointer, detail) => {
    const before = await dataOf();
    const { status, body } = await patch(`{"custom_data":${json}}`);
    expect([status, body.code, body.errors]).toEqual([
      400,
      'invalid_input',
      [{ pointer: `#/custom_data${pointer}`, detail }],
    ]);
    expect(await dataOf()).toEqual(before);
  });

  it.each(KEPT)('%s comes back as it was', async (json) => {
    const { status, body } = await patch(`{"custom_data":${json}}`);
    expect([status, body.result?.custom_data]).toEqual([200, JSON.parse(json)]);
    expect(await dataOf()).toEqual(JSON.parse(json));
  });

  it('is refused in the rows of an import, and in cells of CSV', async () => {
    for (const [json, pointer, detail] of ALTERED) {
      const fault = { column: 'custom_data', reason: `${pointer}: ${detail}` };
      const row = `{"username":"ada@example.com","custom_data":${json}}`;
      expect((await importText(test, 'users', row)).faults).toEqual([{ line: 1, faults: [fault] }]);
      const csv = `username,custom_data\nada@example.com,"${json.replaceAll('"', '""')}"\n`;
      expect((await importText(test, 'users', csv, { format: 'csv' })).faults).toEqual([{ line: 2, faults: [fault] }]);
    }
  });

  it('is refused in the console, which says where', async () => {
    const { browser, page } = await enterConsole(test, 'root@example.com', `/console/users/${id}/custom-data`);
    for (const [json, pointer, reason] of ALTERED) {
      const refused = await browser.press(page, 'save', { custom_data: json });
      expect(refused.status).toBe(400);
      expect(refused.html.replaceAll('&#39;', "'")).toContain(`#${pointer} ${reason}`);
    }
  });

  it('is refused, not followed, when it is nested without end', async () => {
    for (const levels of [101, 5000, 30_000]) {
      const { status, body } = await patch(`{"custom_data":{"a":${'['.repeat(levels)}${']'.repeat(levels)}}}`);
      expect([status, body.code]).toEqual([400, 'invalid_input']);
    }
  });
});

it('refuses half characters in every other text', async () => {
  const test = await startApp();
  const token = await adminToken(test);
  const half = 'x\\ud800y';
  const application = (fields: string) => `{"name":"A","type":"web",${fields}}`;
  const bodies: [method: 'post' | 'patch', path: string, body: string, pointer: string][] = [
    ['post', '/v1/users', `{"username":"a@example.com","first_name":"${half}"}`, '#/first_name'],
    ['post', '/v1/users', `{"username":"${half}@example.com"}`, '#/username'],
    ['post', '/v1/groups', `{"name":"${half}"}`, '#/name'],
    ['post', '/v1/groups', `{"name":"A","description":"${half}"}`, '#/description'],
    ['post', '/v1/roles', `{"name":"A","description":"${half}"}`, '#/description'],
    ['post', '/v1/applications', application(`"redirect_uris":["https://a.example/${half}"]`), '#/redirect_uris/0'],
    ['patch', '/v1/settings', `{"COHORT_BRAND_NAME":"${half}"}`, '#/COHORT_BRAND_NAME'],
  ];
  for (const [method, path, body, pointer] of bodies) {
    const reply = await test.http[method](path)
      .set('authorization', `Bearer ${token}`)
      .set('content-type', 'application/json')
      .send(body);
    expect([path, reply.status, reply.body.errors]).toEqual([path, 400, [{ pointer, detail: TEXT }]]);
  }
  const reply = await test.http
    .post('/reg')
    .set('authorization', `Bearer ${await test.app.makeRegistrationToken(600)}`)
    .set('content-type', 'application/json')
    .send(`{"redirect_uris":["https://a.example/cb"],"client_name":"${half}"}`);
  expect([reply.status, reply.body]).toEqual([
    400,
    { error: 'invalid_request', error_description: `#/client_name ${TEXT}` },
  ]);
  await test.tearDown();
});
