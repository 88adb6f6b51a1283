import {
  adminToken,
  giveApplication,
  giveGroup,
  giveUser,
  giveRole,
  startApp,
  type TestApp,
} from '../../support/app.ts';
import { mergePatch } from '../../../src/platform/http/merge-patch.ts';

const MERGE_PATCH = 'application/merge-patch+json';

/** The examples of RFC 7396, appendix A, that a JSON object can hold. */
const EXAMPLES: [target: string, patch: string, result: string][] = [
  ['{"a":"b"}', '{"a":"c"}', '{"a":"c"}'],
  ['{"a":"b"}', '{"b":"c"}', '{"a":"b","b":"c"}'],
  ['{"a":"b"}', '{"a":null}', '{}'],
  ['{"a":"b","b":"c"}', '{"a":null}', '{"b":"c"}'],
  ['{"a":["b"]}', '{"a":"c"}', '{"a":"c"}'],
  ['{"a":"c"}', '{"a":["b"]}', '{"a":["b"]}'],
  ['{"a":{"b":"c"}}', '{"a":{"b":"d","c":null}}', '{"a":{"b":"d"}}'],
  ['{"a":[{"b":"c"}]}', '{"a":[1]}', '{"a":[1]}'],
  ['{"e":null}', '{"a":1}', '{"e":null,"a":1}'],
  ['{"a":"foo"}', '{"a":{"b":null,"c":{"d":null}}}', '{"a":{"c":{}}}'],
  ['{}', '{"a":{"bb":{"ccc":null}}}', '{"a":{"bb":{}}}'],
];

describe('PATCH', () => {
  let test: TestApp;
  let token: string;
  let userId: string;
  let path: string;
  beforeAll(async () => {
    test = await startApp();
    token = await adminToken(test);
    ({ id: userId } = await giveUser(test, 'ada@example.com'));
    path = `/v1/users/${userId}`;
  });
  afterAll(() => test.tearDown());

  const get = (at = path) => test.http.get(at).set('authorization', `Bearer ${token}`);
  const patch = (body: object | string, at = path, type = MERGE_PATCH, headers = {}) =>
    test.http
      .patch(at)
      .set({ authorization: `Bearer ${token}`, 'content-type': type, ...headers })
      .send(typeof body === 'string' ? body : JSON.stringify(body));
  const put = (custom_data: object) => patch({ custom_data }, path, 'application/json');

  describe('as a merge patch (RFC 7396)', () => {
    it.each(EXAMPLES)('%s with %s is %s', async (target, change, result) => {
      expect(mergePatch(JSON.parse(target), JSON.parse(change))).toEqual(JSON.parse(result));
      await put(JSON.parse(target));
      const { status, body } = await patch(`{"custom_data":${change}}`);
      expect([status, body.result.custom_data]).toEqual([200, JSON.parse(result)]);
    });

    it('merges the custom data of groups, and changes other fields as ever', async () => {
      const { id } = await giveGroup(test, 'Crew');
      const at = `/v1/groups/${id}`;
      await patch({ custom_data: { a: 1, b: { c: 2, d: 3 } } }, at, 'application/json');
      const { body } = await patch({ name: 'Pilots', custom_data: { b: { c: null } } }, at);
      expect(body.result).toMatchObject({ name: 'Pilots', custom_data: { a: 1, b: { d: 3 } } });
      expect((await patch({ custom_data: null }, at)).body.result.custom_data).toEqual({});
      const role = `/v1/roles/${(await giveRole(test, 'editor')).id}`;
      expect((await patch({ description: 'Edits' }, role)).body.result.description).toBe('Edits');
      const application = `/v1/applications/${(await giveApplication(test)).id}`;
      const uri = { backchannel_logout_uri: 'https://app.example.com/logout' };
      expect((await patch(uri, application)).body.result).toMatchObject(uri);
      const gone = await patch({ backchannel_logout_uri: null }, application);
      expect(gone.body.result.backchannel_logout_uri).toBeNull();
      expect((await patch({ COHORT_BRAND_NAME: null }, '/v1/settings')).status).toBe(200);
    });

    it('refuses what a user cannot be, with a pointer', async () => {
      await put({ kept: true });
      const refused: [object | string, string][] = [
        [{ first_name: null }, '#/first_name'],
        [{ first_name: { a: 1 } }, '#/first_name'],
        [{ colour: null }, '#/colour'],
        [{ custom_data: [1] }, '#/custom_data'],
        [{ custom_data: { a: { 'b.c': 1 } } }, '#/custom_data/a/b.c'],
        [{ custom_data: { long: 'x'.repeat(17_000) } }, '#/custom_data'],
        ['[]', '#'],
        ['null', '#'],
        ['"text"', '#'],
      ];
      for (const [body, pointer] of refused) {
        const reply = await patch(body);
        expect([reply.status, reply.body.errors?.[0].pointer]).toEqual([400, pointer]);
      }
      expect((await get()).body.result.custom_data).toEqual({ kept: true });
    });

    it('keeps the keys of all fifty who change one each at once', async () => {
      await put({});
      const keys = Array.from({ length: 50 }, (_, index) => `service_${index}`);
      const replies = await Promise.all(keys.map((key) => patch({ custom_data: { [key]: { seen: true } } })));
      expect(new Set(replies.map(({ status }) => status))).toEqual(new Set([200]));
      expect(Object.keys((await get()).body.result.custom_data).sort()).toEqual(keys.sort());
    });

    it('obeys If-Match, writes nothing if nothing changes, and is in the document', async () => {
      await put({ a: 1, b: 2 });
      const { etag = '' } = (await get()).headers;
      expect((await patch({ custom_data: { a: 1, c: null } }, path, MERGE_PATCH, { 'if-match': etag })).status).toBe(
        200,
      );
      expect((await get()).headers['etag']).toBe(etag);
      expect((await patch({ custom_data: { a: 2 } }, path, MERGE_PATCH, { 'if-match': '"other"' })).status).toBe(412);
      const { body } = await test.http.get('/v1/openapi.json');
      const { content } = body.paths['/v1/users/{user_id}'].patch.requestBody;
      expect(Object.keys(content)).toEqual(['application/json', MERGE_PATCH]);
    });

    it('is a type of PATCH alone, and other patches are refused', async () => {
      const reply = await patch('[]', path, 'application/json-patch+json');
      expect([reply.status, reply.headers['accept-patch']]).toEqual([415, `application/json, ${MERGE_PATCH}`]);
      const post = await test.http
        .post('/v1/groups')
        .set({ authorization: `Bearer ${token}`, 'content-type': MERGE_PATCH })
        .send('{"name":"A"}');
      expect(post.status).toBe(415);
    });
  });

  it('takes the ETag in whichever form a proxy hands it on', async () => {
    const send = (name: string, value: string, first_name: string) =>
      patch({ first_name }, path, 'application/json', { [name]: value });
    const current = async () => String((await get()).headers['etag']);
    for (const [index, form] of [
      (etag: string) => etag,
      (etag: string) => `W/${etag}`,
      (etag: string) => `"other", W/${etag}`,
      (etag: string) => etag.replace(/"$/, '-gzip"'),
      () => '*',
    ].entries()) {
      const etag = await current();
      expect((await send('if-none-match', form(etag), `No ${index}`)).status).toBe(412);
      expect((await send('if-match', form(etag), `Ada ${index}`)).status).toBe(200);
      if (form(etag) !== '*') expect((await send('if-match', form(etag), 'Late')).status).toBe(412);
    }
    expect((await send('if-none-match', '"other"', 'Grace')).status).toBe(200);
    for (const value of [await current(), `W/${await current()}`, `"other", W/${await current()}`, '*'])
      expect((await get().set('if-none-match', value)).status).toBe(304);
  });
});
