import type { Application } from '../../../src/directory/applications/application.ts';
import { rememberingClaims } from '../../../src/directory/memberships/remembered-claims.ts';
import type { User } from '../../../src/directory/users/user.ts';

const AT = Date.UTC(2026, 0, 1);

describe('claims that are remembered', () => {
  let version: number;
  let at: number;
  let reads: number;
  const source = rememberingClaims(
    {
      scope: 'groups',
      claims: ['groups'],
      async read() {
        reads += 1;
        return { groups: [`read ${reads}`] };
      },
    },
    { version: () => version, now: () => new Date(at) },
  );
  const userWith = (memberships: { group: string; until?: Date }[] = [{ group: 'a' }]) => ({ memberships }) as User;
  const applicationWith = (renamedGroupsUntil?: Date) => ({ claimPolicy: { renamedGroupsUntil } }) as Application;
  beforeEach(() => {
    version = 0;
    at = AT;
    reads = 0;
  });

  it('are read once for a user and an application, and cannot be changed', async () => {
    const request = { user: userWith(), application: applicationWith() };
    const { groups } = await source.read(request);
    expect(await source.read({ ...request })).toEqual({ groups: ['read 1'] });
    expect(() => (groups as string[]).push('another')).toThrow();
    expect(await source.read({ ...request, application: applicationWith() })).toEqual({ groups: ['read 2'] });
    expect(await source.read({ ...request, user: userWith() })).toEqual({ groups: ['read 3'] });
  });

  it('are read again after a change of any group or role, also of one while they were read', async () => {
    const request = { user: userWith(), application: applicationWith() };
    await source.read(request);
    version += 1;
    const reading = source.read(request);
    version += 1;
    expect(await reading).toEqual({ groups: ['read 2'] });
    expect(await source.read(request)).toEqual({ groups: ['read 3'] });
    expect(await source.read(request)).toEqual({ groups: ['read 3'] });
  });

  it('are read again when the names of renamed groups change with time', async () => {
    const request = { user: userWith(), application: applicationWith(new Date(AT + 1000)) };
    for (const [time, answer] of [
      [0, 1],
      [999, 1],
      [1000, 2],
      [5000, 2],
    ] as const) {
      at = AT + time;
      expect(await source.read(request)).toEqual({ groups: [`read ${answer}`] });
    }
  });

  it('are read each time of users whose memberships end, and for who sees some groups only', async () => {
    const application = applicationWith();
    const ending = userWith([{ group: 'a', until: new Date(AT + 1000) }]);
    for (let i = 1; i <= 2; i += 1)
      expect(await source.read({ user: ending, application })).toEqual({ groups: [`read ${i}`] });
    const user = userWith();
    await source.read({ user, application });
    expect(await source.read({ user, application, visibleGroups: async (groups) => groups })).toEqual({
      groups: ['read 4'],
    });
  });
});
