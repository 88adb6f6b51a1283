import { toLines } from '../../../src/administration/import-export/csv-cells.ts';
import { adminToken, giveGroup, giveUser, startApp, type TestApp } from '../../support/app.ts';
import { importText } from './files.ts';

/** German Excel, on the way from a file to a job. */
describe('a file as spreadsheets save it', () => {
  let test: TestApp;
  let token: string;
  beforeAll(async () => {
    test = await startApp();
    token = await adminToken(test);
    await giveGroup(test, 'Staff');
    await giveGroup(test, 'Pilots');
  });
  afterAll(() => test.tearDown());

  async function upload(bytes: Buffer | string, type = 'text/csv', query = 'type=users') {
    const reply = await fetch(`${test.issuer}/v1/imports?${query}`, {
      method: 'POST',
      headers: { authorization: `Bearer ${token}`, 'content-type': type },
      body: new Uint8Array(Buffer.from(bytes)),
    });
    const body = (await reply.json()) as { result: { job_id: string }; code: string; detail: string };
    if (reply.status !== 202) return { status: reply.status, code: body.code, detail: body.detail };
    await test.app.drainJobs();
    const path = `/v1/jobs/${body.result.job_id}`;
    const job = (await test.http.get(path).set('authorization', `Bearer ${token}`)).body.result;
    const { body: failures } = await test.http.get(`${path}/failures`).set('authorization', `Bearer ${token}`);
    return {
      status: job.status,
      outcomes: job.outcomes,
      failures: failures.result.map(({ detail }: { detail: string }) => detail),
    };
  }
  const userOf = async (username: string) => (await test.app.users.findByUsername(username))!;
  let count = 0;
  const newName = () => `user${(count += 1)}@example.com`;
  const done = (outcomes: object) => ({
    status: 'succeeded',
    outcomes: expect.objectContaining(outcomes),
    failures: [],
  });

  it.each([
    ['semicolons', ';', ''],
    ['tabs', '\t', ''],
    ['commas', ',', ''],
    ['semicolons and a line that says so', ';', 'sep=;\r\n'],
    ['tabs, a byte order mark and a line that says so', '\t', '\uFEFFsep=\t\r\n'],
    ['commas and a quoted line that says so', ',', '"sep=,"\n'],
  ])('has %s between its cells', async (_what, delimiter, before) => {
    const username = newName();
    const rows = [
      ['username', 'first_name', 'custom_data.note', 'groups'],
      [username, 'Jürgen', `"a${delimiter}b"`, '"Staff;Pilots"'],
    ];
    const text = `${before}${rows.map((cells) => cells.join(delimiter)).join('\r\n')}\r\n`;
    expect(await upload(text)).toEqual(done({ created: 1 }));
    const user = await userOf(username);
    const { firstName, customData, memberships } = user;
    expect([firstName, customData, memberships.length]).toEqual(['Jürgen', { note: `a${delimiter}b` }, 2]);
  });

  it('has a header in any case, with spaces, and columns and rows with nothing in them', async () => {
    const username = newName();
    const text = [
      ' UserName ; First Name ;"LAST_NAME";Custom_Data.Office;;;',
      `${username};Ada;Lovelace;London;;;`,
      ';;;;;;',
      ' ; ;;;;;',
      `${username};Ada;Lovelace;London;;;;;`,
      '',
      ';;;',
    ].join('\r\n');
    expect(await upload(`\uFEFF${text}`)).toEqual(done({ created: 1, unchanged: 1 }));
    expect(await userOf(username)).toMatchObject({
      firstName: 'Ada',
      lastName: 'Lovelace',
      customData: { Office: 'London' },
    });
    const stray = await upload(`username;;first_name\n${newName()};stray;Ada\n`);
    expect(stray).toMatchObject({
      status: 'completed_with_failures',
      failures: ['has a value in a column without a name'],
    });
  });

  it('has line breaks in quotes, whatever is between the cells', async () => {
    const text = 'name;description\r\nCrew;"One; two\r\nThree ""four"""\r\n';
    expect(await upload(text, 'text/csv', 'type=groups')).toEqual(done({ created: 1 }));
    const { body } = await test.http.get('/v1/groups?name=Crew').set('authorization', `Bearer ${token}`);
    expect(body.result[0].description).toBe('One; two\nThree "four"');
  });

  it('changes nothing by an empty cell, and takes a value away by <empty>', async () => {
    const username = newName();
    const columns = 'username;first_name;last_name;locale;custom_data;custom_data.office;groups';
    await upload(`${columns}\n${username};Ada;Lovelace;en;"{""a"":1,""b"":{""c"":2}}";London;Staff\n`);
    const before = await userOf(username);
    expect(await upload(`${columns}\n${username};;;;;;\n`)).toEqual(done({ unchanged: 1 }));
    expect(await upload(`${columns}\n${username}; ;\u00A0;;;;\n`)).toEqual(done({ unchanged: 1 }));
    expect(await userOf(username)).toEqual(before);

    expect(await upload(`${columns};custom_data.b.c\n${username};;<empty>;<EMPTY>;;<empty>;;<empty>\n`)).toEqual(
      done({ updated: 1 }),
    );
    const after = await userOf(username);
    expect(after).toMatchObject({ firstName: 'Ada', lastName: '', customData: { a: 1, b: {} } });
    expect(['locale' in after && after.locale !== undefined, 'office' in after.customData]).toEqual([false, false]);
    expect(after.memberships).toHaveLength(1);
    expect(
      await upload(`${columns}\n${username};;;;<empty>;;<empty>\n`, 'text/csv', 'type=users&memberships=replace'),
    ).toEqual(done({ updated: 1 }));
    expect(await userOf(username)).toMatchObject({ customData: {}, memberships: [] });
    expect(await upload(`username;kind;password_hash\n${username};<empty>;<empty>\n`)).toMatchObject({
      failures: ['kind: cannot be emptied', 'password_hash: cannot be emptied'],
    });
  });

  it('is as explicit as JSON Lines, where empty texts, lists and objects take away', async () => {
    const username = newName();
    const rows = (row: object) => importText(test, 'users', JSON.stringify({ username, ...row }));
    await rows({ first_name: 'Ada', picture: 'https://example.com/a.jpg', custom_data: { a: 1 } });
    expect((await rows({ first_name: null, picture: null, custom_data: null })).counts).toMatchObject({ unchanged: 1 });
    expect((await rows({ first_name: '', picture: '', custom_data: {} })).counts).toMatchObject({ updated: 1 });
    expect((await rows({ first_name: '', picture: '', custom_data: {} })).counts).toMatchObject({ unchanged: 1 });
    const { firstName, picture, customData } = await userOf(username);
    expect([firstName, picture, customData]).toEqual(['', undefined, {}]);
  });

  it('brings a text that reads <empty> back, because an export marks it', async () => {
    const username = newName();
    await upload(
      toLines([
        ['username', 'first_name'],
        [username, '<empty>'],
      ]),
    );
    expect((await userOf(username)).firstName).toBe('<empty>');
  });

  it('spells flags and times as its language does', async () => {
    const username = newName();
    const hash = '$2b$04$abcdefghijklmnopqrstuuO6wFUIcTn3PvGNCHPRgnTPjTdlUrXTS';
    const text = `username;password_hash;password_is_temporary;created_at\n${username};${hash};WAHR; 1700000000,5 \n`;
    expect(await upload(text)).toEqual(done({ created: 1 }));
    const user = await userOf(username);
    expect([user.passwordIsTemporary, user.createdAt.getTime()]).toEqual([true, 1700000000500]);
    for (const flag of ['1,7E+09', '21.11.2026'])
      expect(await upload(`username;created_at\n${newName()};${flag}\n`)).toMatchObject({
        status: 'completed_with_failures',
      });
  });

  it.each([
    ['UTF-16 with a byte order mark', 'utf16le', '\uFEFF', 'text/csv'],
    ['UTF-16 that is named', 'utf16le', '', 'text/csv; charset=utf-16le'],
    ['Windows-1252 that is named', 'latin1', '', 'text/csv; charset="Windows-1252"'],
    ['Latin-1 that is named', 'latin1', '', 'text/csv;charset=iso-8859-1'],
    ['tabs in UTF-16', 'utf16le', '\uFEFF', 'text/tab-separated-values'],
  ] as const)('is read in %s', async (_what, encoding, mark, type) => {
    const username = newName();
    const separator = type.includes('tab') ? '\t' : ';';
    const text = `${mark}username${separator}first_name\r\n${username}${separator}Jürgen\r\n`;
    expect(await upload(Buffer.from(text, encoding), type)).toEqual(done({ created: 1 }));
    expect((await userOf(username)).firstName).toBe('Jürgen');
  });

  it('is read in UTF-16 with the bytes the other way round', async () => {
    const username = newName();
    const bytes = Buffer.from(`\uFEFFusername;first_name\r\n${username};Jürgen\r\n`, 'utf16le').swap16();
    expect(await upload(bytes)).toEqual(done({ created: 1 }));
  });

  it.each([
    [
      'Windows-1252',
      Buffer.from('username;first_name\na@example.com;J\xfcrgen\n', 'latin1'),
      'text/csv',
      /looks like Windows-1252/,
    ],
    [
      'UTF-16 without a mark',
      Buffer.from('username;first_name\n', 'utf16le'),
      'text/csv',
      /looks like UTF-16 without a byte order mark/,
    ],
    ['half of UTF-16', Buffer.from('\uFEFFusername\n', 'utf16le').subarray(0, -1), 'text/csv', /is not valid UTF-16/],
  ] as const)('is refused by name in %s that is not named', async (_what, bytes, type, sentence) => {
    const before = await test.app.database.connection.collection('job_files').countDocuments();
    const refused = await upload(bytes, type);
    expect(refused).toMatchObject({ status: 400, code: 'not_utf8', detail: expect.stringMatching(sentence) });
    expect(await test.app.database.connection.collection('job_files').countDocuments()).toBe(before);
  });

  it('is refused by name in an encoding that is not supported, and with another separator', async () => {
    expect(await upload('username\n', 'text/csv; charset=windows-1250')).toMatchObject({
      status: 415,
      code: 'wrong_content_type',
    });
    expect(await upload('sep=|\nusername|first_name\n')).toMatchObject({ status: 'failed' });
    expect(await upload('username;first_name\ra@example.com;Ada\r')).toMatchObject({ status: 'failed' });
  });

  it('has a faulty row and the others, and says so', async () => {
    await giveUser(test, 'ada@example.com');
    const job = await upload('username;first_name\nada@example.com;Ada\nnobody;Nobody\n');
    expect(job).toMatchObject({ status: 'completed_with_failures', outcomes: { updated: 1, failed: 1 } });
    const list = await test.http.get('/v1/jobs?status=completed_with_failures').set('authorization', `Bearer ${token}`);
    expect(list.body.result.length).toBeGreaterThan(0);
  });
});
