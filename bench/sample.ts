import { demoApplication, demoService } from '../src/demo/sample-data.ts';

/** What all servers hold, so that all can be sent the same requests and must give the same answers. */
export const service = demoService;
export const APP_ADDRESS = 'https://app.example.com';

/** A client of the code flow; a public one has no secret, so its refresh tokens rotate. */
export interface RelyingParty {
  id: string;
  secret?: string;
  redirectUri: string;
}

export const application = { ...demoApplication, redirectUri: `${APP_ADDRESS}/callback` };
export const publicApplication: RelyingParty = { id: 'bench-spa', redirectUri: `${APP_ADDRESS}/spa` };

/** One user for each worker: two who sign in at once as the same user would queue for the same documents. */
export const people = Array.from({ length: 64 }, (_, index) => `pilot-${index + 1}@example.com`);
export const PASSWORD = 'Cohort#2026';

/** Who looks at the console. */
export const owner = 'owner@example.com';

/** Users in one big group, who are there to be counted and moved; they have the same password. */
export const crowd = Array.from({ length: 2000 }, (_, index) => `crowd-${index + 1}@example.com`);
export const CROWDED_GROUP = 'Crowd';

/** A user in so many groups, whatever else there is. */
export const memberOf = (groups: number): string => `in-${groups}-groups@example.com`;
export const NUMBERS_OF_GROUPS = [0, 1000, 10_000];

/** What tokens say about every one of the people. */
export const claims = { groups: ['Pilots', 'Staff'], roles: ['employee', 'pilot'] };

export const SIGN_IN_SCOPE = 'openid profile email groups roles';
export const SERVICE_SCOPE = 'groups:read';

/** The audience of a service's token, which is a JWT (RFC 9068) at all servers. */
export const adminApiOf = (origin: string): string => `${origin}/v1`;

/** Hashes that are made by the thousand, or verified where hashing is not what is measured. */
export const CHEAP_HASH = { memoryCost: 1024, timeCost: 2, parallelism: 1 } as const;
