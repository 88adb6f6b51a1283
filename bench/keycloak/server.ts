import type { CleanUps } from '../clean-up.ts';
import { NOTHING_COUNTED } from '../child.ts';
import { createHttp } from '../http.ts';
import { cpuMsOfTree, memoryOf, pidListeningOn } from '../processes.ts';
import { keycloakOf } from '../products/keycloak.ts';
import { application, publicApplication, SERVICE_SCOPE, service } from '../sample.ts';
import type { Server } from '../servers.ts';
import { createKeycloakAdmin, type Credentials, type KeycloakAdmin } from './admin.ts';
import { realmOf, REQUESTED_SCOPES } from './realm.ts';

export interface KeycloakOptions {
  url: string;
  admin: Credentials;
  /** Of its process; found by its port when undefined. */
  pid: number | undefined;
  databasePid: number | undefined;
}

/** Java compiles what has run some thousand times. */
const WARM_UP = { seconds: 10 };

const REALM = 'cohort-bench';
const ROTATING = 'refresh-rotating';

/** Makes a realm in a Keycloak that runs already, and deletes it in the end. */
export async function useKeycloak(options: KeycloakOptions, cleanUps: Pick<CleanUps, 'add'>): Promise<Server> {
  const { origin, hostname, port, protocol } = new URL(options.url);
  const http = createHttp(origin, 1);
  cleanUps.add(() => http.close());
  const admin = createKeycloakAdmin(http, options.admin);
  // One that a run has left that was ended by force.
  await admin.delete(`/realms/${REALM}`).catch(() => undefined);
  await makeRealm(admin, origin);
  cleanUps.add(() => admin.delete(`/realms/${REALM}`));
  const isHere = hostname === 'localhost' || hostname === '[::1]' || hostname.startsWith('127.');
  const pid = options.pid ?? (isHere ? pidListeningOn(Number(port) || defaultPorts[protocol]!) : undefined);
  const { databasePid } = options;
  return {
    name: 'keycloak',
    product: keycloakOf(REALM),
    ready: { origin, about: await describe(admin), ...(databasePid === undefined ? {} : { databasePid }) },
    usage: async () => ({ ...NOTHING_COUNTED, ...usageOf(pid) }),
    warmUp: WARM_UP,
    prepare: (operation) => admin.put(`/realms/${REALM}`, { revokeRefreshToken: operation === ROTATING }),
  };
}

const defaultPorts: Record<string, number> = { 'http:': 80, 'https:': 443 };

function usageOf(pid: number | undefined) {
  if (pid === undefined) return { cpuMs: NaN, residentBytes: undefined, peakBytes: undefined };
  return { cpuMs: cpuMsOfTree(pid) ?? NaN, ...memoryOf(pid) };
}

interface Identified {
  id: string;
}

async function makeRealm(admin: KeycloakAdmin, origin: string): Promise<void> {
  await admin.post('/realms', realmOf(REALM, origin));
  for (const name of REQUESTED_SCOPES) {
    const scope = { name, protocol: 'openid-connect', attributes: { 'include.in.token.scope': 'true' } };
    const scopeId = await admin.post(`/realms/${REALM}/client-scopes`, scope);
    const clients = name === SERVICE_SCOPE ? [service.id] : [application.id, publicApplication.id];
    for (const clientId of clients) {
      const path = `/realms/${REALM}/clients`;
      // A cast, because Keycloak's documentation says so.
      const [client] = (await admin.get(`${path}?clientId=${clientId}`)) as Identified[];
      await admin.put(`${path}/${client!.id}/optional-client-scopes/${scopeId}`);
    }
  }
}

interface ServerInfo {
  systemInfo: { version: string; javaVersion: string };
}

async function describe(admin: KeycloakAdmin): Promise<string> {
  // A cast, because Keycloak's documentation says so.
  const { systemInfo } = (await admin.get('/serverinfo')) as ServerInfo;
  return `Keycloak ${systemInfo.version} on Java ${systemInfo.javaVersion}, passwords as the realm has them by default: argon2id (7168 KiB, 5 passes)`;
}
