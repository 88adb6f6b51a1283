import fc from 'fast-check';
import {
  CLAIM_USES,
  DEFAULT_CLAIM_POLICY,
  type ClaimPolicy,
} from '../../../src/directory/applications/claim-policy.ts';
import type { Application } from '../../../src/directory/applications/application.ts';
import type { Group } from '../../../src/directory/groups/group.ts';
import { createApplicationAccess } from '../../../src/directory/application-access/application-access.ts';
import { endsOfClaims } from '../../../src/oidc/claims/claim-ends.ts';
import { createLifetimes } from '../../../src/oidc/provider/lifetimes.ts';
import { withParents } from '../../../src/directory/groups/ancestry.ts';
import { groupClaims } from '../../../src/directory/memberships/memberships.claims.ts';
import { roleClaims } from '../../../src/directory/memberships/roles.claims.ts';
import { isCurrent, type Membership } from '../../../src/directory/memberships/period.ts';
import type { Role } from '../../../src/directory/roles/role.ts';
import type { User } from '../../../src/directory/users/user.ts';

const GROUPS = 6;
const TIMES = 12;
const time = (tick: number) => new Date(1_800_000_000_000 + tick * 1000);
const idOf = (index: number) => index.toString(16).padStart(16, '0');

/** A forest: the parent of each group is one with a smaller number. */
const forest = fc.tuple(
  ...Array.from({ length: GROUPS }, (_, index) => fc.option(fc.nat(Math.max(0, index - 1)), { nil: undefined })),
);
const membershipsOf = fc.uniqueArray(
  fc.record({
    group: fc.nat(GROUPS - 1),
    from: fc.option(fc.nat(TIMES), { nil: undefined }),
    until: fc.option(fc.integer({ min: 1, max: TIMES }), { nil: undefined }),
  }),
  { selector: ({ group }) => group },
);
const policies = fc.record({
  directOnly: fc.boolean(),
  allowed: fc.option(fc.uniqueArray(fc.nat(GROUPS - 1)), { nil: undefined }),
});
const rolesOf = fc.array(fc.uniqueArray(fc.nat(2)), { minLength: GROUPS, maxLength: GROUPS });

interface World {
  parents: (number | undefined)[];
  memberships: { group: number; from: number | undefined; until: number | undefined }[];
  policy: { directOnly: boolean; allowed: number[] | undefined };
  roles: number[][];
}

/** By the definition: who is in what at a tick, found by walking up from each membership that counts then. */
function naiveGroups({ parents, memberships, policy }: World, tick: number): number[] {
  const found = new Set<number>();
  for (const { group, from = -1, until = Infinity } of memberships) {
    if (tick < from || tick >= until) continue;
    let here: number | undefined = group;
    while (here !== undefined) {
      found.add(here);
      here = policy.directOnly ? undefined : parents[here];
    }
  }
  return [...found].filter((group) => policy.allowed?.includes(group) ?? true).sort();
}

const naiveRoles = (world: World, tick: number): number[] =>
  [...new Set(naiveGroups(world, tick).flatMap((group) => world.roles[group]!))].sort();

/** What comes later promises nothing: it can still be taken back. */
const asOf = ({ memberships, ...world }: World, tick: number): World => ({
  ...world,
  memberships: memberships.filter(({ from = -1, until = Infinity }) => from <= tick && tick < until),
});

/** The first tick at which something is missing that is there now. */
function naiveEnd(read: (tick: number) => number[], tick: number): number {
  const now = read(tick);
  for (let later = tick; later <= TIMES; later += 1)
    if (now.some((value) => !read(later).includes(value))) return time(later).getTime();
  return Infinity;
}

function sourcesOf({ parents, memberships, policy, roles }: World, tick: number) {
  const groups = parents.map((parent, index): Group => ({
    id: idOf(index),
    name: `Group ${index}`,
    formerNames: [],
    description: '',
    ...(parent === undefined || index === 0 ? {} : { parentId: idOf(parent) }),
    roleIds: roles[index]!.map(idOf),
    requiresSecondFactor: false,
    customData: {},
    createdAt: time(0),
    updatedAt: time(0),
  }));
  const stored = memberships.map(({ group, from, until }): Membership => ({
    group: idOf(group),
    since: time(0),
    by: 'cohort',
    ...(from === undefined ? {} : { from: time(from) }),
    ...(until === undefined ? {} : { until: time(until) }),
  }));
  const claimPolicy: ClaimPolicy = {
    ...DEFAULT_CLAIM_POLICY,
    format: 'id',
    directOnly: policy.directOnly,
    ...(policy.allowed ? { groupIds: policy.allowed.map(idOf) } : {}),
  };
  const options = {
    current: (user: Pick<User, 'memberships'>) => user.memberships.filter((each) => isCurrent(each, time(tick))),
    groupsByIds: (ids: string[]) => withParents(ids, async (wanted) => groups.filter(({ id }) => wanted.includes(id))),
    now: () => time(tick),
    rolesByIds: async (ids: string[]) => ids.map((id) => ({ id, name: id }) as Role),
  };
  // Casts, because the sources read no more of either.
  const request = { user: { memberships: stored } as User, application: { claimPolicy } as Application };
  return { groups: groupClaims(options), roles: roleClaims(options), request, options };
}

/** Whether the user may sign in at a tick: through any group, whatever the claim policy says. */
const naiveAccess = ({ policy: _policy, ...world }: World, wanted: number[], tick: number): boolean =>
  naiveGroups({ ...world, policy: { directOnly: false, allowed: wanted } }, tick).length > 0;

function naiveAccessEnd(world: World, wanted: number[] | undefined, tick: number): number {
  if (!wanted) return Infinity;
  for (let later = tick; later <= TIMES; later += 1)
    if (!naiveAccess(asOf(world, tick), wanted, later)) return time(later).getTime();
  return Infinity;
}

const worldsWithTree = fc
  .record({ parents: forest, memberships: membershipsOf, policy: policies, roles: rolesOf })
  .map((drawn): World => ({
    ...drawn,
    parents: drawn.parents.map((parent, index) => (index === 0 ? undefined : parent)),
  }));

describe('access and the lifetimes of tokens', () => {
  const rules = fc.option(fc.uniqueArray(fc.nat(GROUPS - 1), { minLength: 1 }), { nil: undefined });
  const scopes = fc.subarray(['groups', 'roles'] as const);
  const tokens = fc.subarray([...CLAIM_USES]);
  const config = { accessTokenSeconds: 7, idTokenSeconds: 8, refreshTokenSeconds: 9 };

  it('end with the first claim that a token leads to, and with the last membership that gives access', async () => {
    const draw = [worldsWithTree, fc.nat(TIMES), rules, scopes, tokens] as const;
    await fc.assert(
      fc.asyncProperty(...draw, async (world, tick, rule, granted, uses) => {
        const { groups, roles, request, options } = sourcesOf(world, tick);
        const access = rule ? { groupIds: rule.map(idOf) } : undefined;
        const service = createApplicationAccess({
          current: options.current,
          groupsByIds: options.groupsByIds,
          withSubgroups: () => Promise.reject(new Error('is not asked')),
          searchUsers: () => Promise.reject(new Error('is not asked')),
        });
        const mayAccess = !rule || naiveAccess(world, rule, tick);
        expect(await service.mayAccess(request.user, { access })).toBe(mayAccess);
        // Without access there is no token.
        if (!mayAccess) return;
        const accessEnd = await service.endsAt(request.user, { access });
        expect(accessEnd).toBe(naiveAccessEnd(world, rule, tick));

        const { claimPolicy } = request.application;
        const application = { ...request.application, access, claimPolicy: { ...claimPolicy, tokens: uses } };
        const ends = await endsOfClaims([groups, roles], { ...request, application }, accessEnd);
        const naiveOf = { groups: naiveGroups, roles: naiveRoles };
        const claimEnd = Math.min(
          Infinity,
          ...granted.map((scope) => naiveEnd((at) => naiveOf[scope](asOf(world, tick), at), tick)),
        );
        const expected = (seconds: number, readBy: readonly string[]) => {
          const end = readBy.some((use) => uses.some((each) => each === use))
            ? Math.min(claimEnd, accessEnd)
            : accessEnd;
          // One second less, because the provider may count from the next one.
          return Math.max(1, Math.min(seconds, (end - time(tick).getTime()) / 1000 - 1));
        };
        const lifetimes = createLifetimes({ config, now: () => time(tick) });
        // A cast, because only the account is read of a context.
        const ctx = { oidc: { entities: { Account: { ends } } } } as unknown as Parameters<typeof lifetimes.idToken>[0];
        const scope = ['openid', ...granted].join(' ');
        const jwt = lifetimes.accessToken(ctx, { scope, aud: 'https://api.example.com' });
        expect(jwt).toBe(expected(7, ['access_token', 'introspection']));
        expect(lifetimes.accessToken(ctx, { scope })).toBe(expected(7, ['userinfo', 'introspection']));
        expect(lifetimes.refreshToken(ctx, { scope })).toBe(expected(9, CLAIM_USES));
        ends.ofIdToken = ends.endOf({ uses: ['id_token'], isGranted: (source) => scope.includes(source.scope) });
        expect(lifetimes.idToken(ctx)).toBe(expected(8, ['id_token']));
      }),
      { numRuns: 1000 },
    );
  });
});

describe('claims and their ends', () => {
  it('are those of a naive model, over random forests, policies and times', async () => {
    await fc.assert(
      fc.asyncProperty(worldsWithTree, fc.nat(TIMES), async (world, tick) => {
        const { groups, roles, request } = sourcesOf(world, tick);
        expect((await groups.read(request))['groups']).toEqual(naiveGroups(world, tick).map(idOf));
        expect((await roles.read(request))['roles']).toEqual(naiveRoles(world, tick).map(idOf));
        expect(await groups.endsAt!(request)).toBe(naiveEnd((at) => naiveGroups(asOf(world, tick), at), tick));
        expect(await roles.endsAt!(request)).toBe(naiveEnd((at) => naiveRoles(asOf(world, tick), at), tick));
      }),
      { numRuns: 500 },
    );
  });
});
