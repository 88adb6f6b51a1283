import { system } from '../../../src/platform/actor.ts';
import { adminToken, giveApplication, giveGroup, giveUser, startApp, type TestApp } from '../../support/app.ts';
import { callsByName } from '../../support/actors.ts';

describe('a group that is renamed', () => {
  let test: TestApp;
  let token: string;
  let adaId: string;
  let serial = 0;

  beforeAll(async () => {
    test = await startApp();
    token = await adminToken(test);
    adaId = (await giveUser(test, 'ada@example.com', { firstName: 'Ada' })).id;
  });
  afterAll(() => test.tearDown());

  type Method = 'get' | 'put' | 'post' | 'patch' | 'delete';
  const send = (method: Method, path: string, body?: object) =>
    test.http[method](path).set('authorization', `Bearer ${token}`).send(body);
  const rename = (id: string, name: string) => send('patch', `/v1/groups/${id}`, { name });
  const namesOf = async (id: string) =>
    ((await send('get', `/v1/groups/${id}`)).body.result.former_names as { name: string }[]).map(({ name }) => name);
  const removal = (id: string, name: string) => `/v1/groups/${id}/former-names/${encodeURIComponent(name)}`;
  const unique = (name: string) => `${name} ${(serial += 1)}`;

  async function application(policy: object, name = 'Grafana') {
    const made = await giveApplication(test, { name });
    const { status, body } = await send('put', `/v1/applications/${made.id}/claim-policy`, policy);
    expect([status, body.code]).toEqual([200, undefined]);
    return made;
  }

  describe('keeps its former name', () => {
    it('which no other group can have, and says whose it is', async () => {
      const old = unique('Pilots');
      const present = unique('Aviators');
      const { id } = await giveGroup(test, old);
      const renamed = await rename(id, present);
      expect(renamed.body.result).toMatchObject({
        name: present,
        former_names: [{ name: old, renamed_at: expect.any(Number) }],
      });
      const other = await giveGroup(test, unique('Stewards'));
      for (const reply of [
        await send('post', '/v1/groups', { name: old.toUpperCase() }),
        await rename(other.id, old),
      ]) {
        expect([reply.status, reply.body.code]).toEqual([409, 'group_name_taken']);
        expect(reply.body.errors[0].detail).toMatch(`is a former name of the group /${present}; '`);
      }
    });

    it('in each spelling, since applications compare exactly', async () => {
      const name = unique('crew');
      const { id } = await giveGroup(test, name);
      expect((await rename(id, name.toUpperCase())).status).toBe(200);
      expect(await namesOf(id)).toEqual([name]);
    });

    it('until it gets the name back', async () => {
      const first = unique('First');
      const second = unique('Second');
      const { id } = await giveGroup(test, first);
      await rename(id, second);
      expect((await rename(id, first)).status).toBe(200);
      expect(await namesOf(id)).toEqual([second]);
    });

    it('until it is removed, by its exact name', async () => {
      const old = unique('Ops/EMEA, 100%');
      const group = await giveGroup(test, old.replace(',', ''));
      await rename(group.id, unique('Operations'));
      const name = old.replace(',', '');
      expect((await send('delete', removal(group.id, name.toLowerCase()))).body.code).toBe('former_name_not_found');
      expect((await send('delete', removal(group.id, name))).status).toBe(204);
      expect(await namesOf(group.id)).toEqual([]);
      expect((await send('post', '/v1/groups', { name })).status).toBe(201);
      const { body } = await send('get', '/v1/audit-events?action=group.former_name_removed&limit=1');
      expect(body.result[0]).toMatchObject({ target: { id: group.id }, details: { former_name: name } });
    });

    it('until it is deleted', async () => {
      const old = unique('Temporary');
      const { id } = await giveGroup(test, old);
      await rename(id, unique('Gone'));
      await test.app.groups.remove(system, id);
      expect((await send('post', '/v1/groups', { name: old })).status).toBe(201);
    });

    it('in the audit log', async () => {
      const old = unique('Logged');
      const { id } = await giveGroup(test, old);
      await rename(id, unique('Written'));
      const { body } = await send('get', '/v1/audit-events?action=group.updated&limit=1');
      expect(body.result[0]).toMatchObject({ target: { id }, details: { fields: ['name'], former_name: old } });
    });

    it('and not more than twenty of them', async () => {
      const { id } = await giveGroup(test, unique('Fickle'));
      for (let count = 0; count < 20; count += 1) expect((await rename(id, unique('Fickle'))).status).toBe(200);
      const reply = await rename(id, unique('Fickle'));
      expect([reply.status, reply.body.code]).toEqual([409, 'too_many_former_names']);
    });

    it('whoever wants the name at the same moment', async () => {
      for (let round = 0; round < 5; round += 1) {
        const old = unique('Race');
        const present = unique('Raced');
        const { id } = await giveGroup(test, old);
        const [renamed, ...created] = await Promise.all([
          rename(id, present),
          ...[old, present].map((name) => send('post', '/v1/groups', { name })),
        ]);
        const all = (await test.app.groups.findByNames([old, present])).map(({ name }) => name);
        expect(created[0]!.status).toBe(409);
        expect([renamed.status, created[1]!.status].sort()).toEqual([renamed.status === 200 ? 200 : 201, 409]);
        expect(new Set(all).size).toBe(all.length);
      }
    });
  });

  describe('lists the applications that depend on a former name', () => {
    it('those whose policy includes it and lets the group through', async () => {
      const old = unique('app-pilots');
      const present = unique('app-aviators');
      const parent = await giveGroup(test, unique('Parent'));
      const group = await giveGroup(test, old, [], [], { parent_id: parent.id });
      await rename(group.id, present);
      await rename(parent.id, unique('Renamed parent'));
      const past = Math.floor(Date.now() / 1000) - 10;
      const wanted = ['Both', 'Former', 'Prefix', 'Paths'].map((name) => unique(name));
      await application({ renamed_groups: 'both' }, wanted[0]);
      await application({ renamed_groups: 'former', group_ids: [group.id] }, wanted[1]);
      await application({ renamed_groups: 'both', prefix: 'app-' }, wanted[2]);
      await application({ renamed_groups: 'both', format: 'path', group_ids: [group.id] }, wanted[3]);
      await application({}, unique('Current'));
      await application({ renamed_groups: 'both', format: 'id' }, unique('IDs'));
      await application({ renamed_groups: 'both', prefix: 'other-' }, unique('Other'));
      await application({ renamed_groups: 'both', renamed_groups_until: past }, unique('Over'));
      const readersOf = async (id: string) => {
        const { body } = await send('get', `/v1/groups/${id}/former-names`);
        const [former] = body.result as { applications: { name: string }[]; application_count: number }[];
        expect(former!.application_count).toBe(former!.applications.length);
        return former!.applications.map(({ name }) => name).filter((name) => / \d+$/.test(name));
      };
      const all = await readersOf(group.id);
      expect(all.filter((name) => !/^(Grafana)/.test(name)).sort()).toEqual([...wanted].sort());
      expect(await readersOf(parent.id)).toEqual(expect.arrayContaining([wanted[0], wanted[3]]));
      expect(await readersOf(parent.id)).not.toEqual(expect.arrayContaining([wanted[1]]));
      const { body } = await send('delete', `${removal(group.id, old)}?dry_run=true`);
      expect(body.result.impact[0]).toMatchObject({ kind: 'applications' });
      expect(await namesOf(group.id)).toEqual([old]);
    });

    it('within the admin scope only', async () => {
      const inside = await giveGroup(test, unique('Inside'));
      const outside = await giveGroup(test, unique('Outside'));
      const scopes = new Set(['groups:read', 'groups:write']);
      const actor = { kind: 'user', id: adaId, name: 'limited', scopes, adminScope: [inside.id] } as const;
      const call = callsByName(test.app, actor);
      const list = (id: string) => call('get /v1/groups/{group_id}/former-names', { params: { group_id: id } });
      expect((await list(inside.id)).body).toMatchObject({ result: [] });
      await expect(list(outside.id)).rejects.toMatchObject({ code: 'group_not_found' });
      const taken = unique('Secret');
      await rename(outside.id, taken);
      const renaming = call('patch /v1/groups/{group_id}', {
        params: { group_id: inside.id },
        body: { name: (await namesOf(outside.id))[0] },
      });
      await expect(renaming).rejects.toMatchObject({
        code: 'group_name_taken',
        faults: [{ detail: expect.stringMatching(/^is a former name of another group; /) }],
      });
    });
  });
});
