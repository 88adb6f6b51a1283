import { demoApplication, demoService } from '../src/demo/sample-data.ts';

/** What both servers hold, so that both can be sent the same requests and must give the same answers. */
export const service = demoService;
export const APP_ADDRESS = 'https://app.example.com';
export const application = { ...demoApplication, redirectUri: `${APP_ADDRESS}/callback` };

/** One user for each worker: two who sign in at once as the same user would queue for the same documents. */
export const people = Array.from({ length: 64 }, (_, index) => `pilot-${index + 1}@example.com`);
export const PASSWORD = 'Cohort#2026';

/** Who looks at the console. */
export const owner = 'owner@example.com';

/** What tokens say about every one of them. */
export const claims = { groups: ['Pilots', 'Staff'], roles: ['employee', 'pilot'] };

export const SIGN_IN_SCOPE = 'openid profile email groups roles';
export const SERVICE_SCOPE = 'groups:read';

/** The audience of a service's token, which is a JWT (RFC 9068) at both servers. */
export const adminApiOf = (origin: string): string => `${origin}/v1`;

/** Hashes that are made by the thousand, or verified where hashing is not what is measured. */
export const CHEAP_HASH = { memoryCost: 1024, timeCost: 2, parallelism: 1 } as const;
