import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { text } from 'node:stream/consumers';
import { exportJWK, generateKeyPair } from 'jose';
import Provider, { type ClientMetadata, type Configuration, type KoaContextWithOIDC } from 'oidc-provider';
import { loadConfig } from '../config/load.ts';
import { createHasher } from '../src/authentication/credentials/hasher.ts';
import { holdPort } from '../src/platform/free-port.ts';
import { serveBench } from './child.ts';
import { describeHashing } from './hashing.ts';
import { openPlainDatabase } from './plain-database.ts';
import {
  adminApiOf,
  application,
  claims,
  PASSWORD,
  people,
  publicApplication,
  SERVICE_SCOPE,
  service,
  SIGN_IN_SCOPE,
} from './sample.ts';

// What Cohort is compared with: the library alone and the least of a sign-in page, with the library's own in-memory adapter or,
// given a folder, on a MongoDB in it with the adapter of the documentation's example.
// Passwords are verified at the same cost as Cohort's default and as many at once.
const config = loadConfig({});
const { argon2MemoryKib: memoryCost, argon2Passes: timeCost } = config;
const hasher = createHasher({ memoryCost, timeCost });
const passwordHash = await hasher.hash(PASSWORD);

// The library warns of its in-memory adapter, which is the point here.
console.warn = () => undefined;

const [, , dataDir] = process.argv;
const database = dataDir === undefined ? undefined : await openPlainDatabase(dataDir);
const { port, release } = await holdPort();
const origin = `http://127.0.0.1:${port}`;
const provider = new Provider(origin, await configuration());
const answer = provider.callback();
const server = createServer({ keepAliveTimeout: 65_000 }, (req, res) => {
  if (!req.url?.startsWith('/interaction/')) return void answer(req, res);
  interact(req, res).catch((error: unknown) => {
    console.error(error);
    res.writeHead(500).end();
  });
});
await release();
server.listen(port, '127.0.0.1', () =>
  serveBench({
    ready: {
      origin,
      ...(database ? { databasePid: database.pid } : {}),
      about: `oidc-provider on ${database?.about ?? 'nothing but memory'}, ${describeHashing(config)}`,
    },
    ...(database ? { count: database.count } : {}),
    async stop() {
      server.closeAllConnections();
      await database?.stop();
    },
  }),
);

async function interact(req: IncomingMessage, res: ServerResponse): Promise<void> {
  const { uid } = await provider.interactionDetails(req, res);
  if (req.method === 'GET') return showForm(res, uid);
  const form = new URLSearchParams(await text(req));
  const login = form.get('login') ?? '';
  const isRight = (await hasher.verify(passwordHash, form.get('password') ?? '')) && people.includes(login);
  if (!isRight) return void res.writeHead(401).end();
  await provider.interactionFinished(req, res, { login: { accountId: login } });
}

function showForm(res: ServerResponse, uid: string): void {
  res.writeHead(200, { 'content-type': 'text/html; charset=utf-8', 'cache-control': 'no-store' });
  res.end(`<!doctype html><title>Sign in</title>
<form method="post" action="/interaction/${uid}/login">
<input name="login"><input name="password" type="password"><button id="login-submit">Sign in</button>
</form>`);
}

async function configuration(): Promise<Configuration> {
  const { privateKey } = await generateKeyPair('RS256', { modulusLength: 2048, extractable: true });
  const key = { ...(await exportJWK(privateKey)), kid: 'bench', alg: 'RS256', use: 'sig' };
  return {
    // A cast, because jose and the provider describe the same keys with different types.
    jwks: { keys: [key] },
    ...(database ? { adapter: database.adapterOf } : {}),
    cookies: { keys: ['a key of the bench'], long: { signed: true }, short: { signed: true } },
    clients: clients(),
    features: {
      devInteractions: { enabled: false },
      clientCredentials: { enabled: true },
      introspection: { enabled: true, allowedPolicy: async () => true },
      resourceIndicators: {
        enabled: true,
        defaultResource: (ctx) => (ctx.oidc.params?.['grant_type'] === 'client_credentials' ? adminApiOf(origin) : []),
        getResourceServerInfo: async (_ctx, audience) => ({ audience, scope: SERVICE_SCOPE, ...jwtTokens }),
        useGrantedResource: async () => false,
      },
    },
    interactions: { url: (_ctx, { uid }) => `/interaction/${uid}` },
    scopes: SIGN_IN_SCOPE.split(' '),
    claims: { openid: ['sub', 'groups', 'roles'], profile: ['preferred_username'], email: ['email'] },
    findAccount: async (_ctx, id) => ({
      accountId: id,
      claims: async () => ({ sub: id, email: id, preferred_username: id, ...claims }),
    }),
    loadExistingGrant,
    pkce: { required: () => true },
    issueRefreshToken: async (_ctx, client) => client.grantTypeAllowed('refresh_token'),
    ttl: { AccessToken: 600, AuthorizationCode: 60, ClientCredentials: 600, Grant: 86_400, IdToken: 3600 },
  };
}

const jwtTokens = { accessTokenFormat: 'jwt', accessTokenTTL: 600, jwt: { sign: { alg: 'RS256' } } } as const;

function clients(): ClientMetadata[] {
  return [
    {
      client_id: application.id,
      client_secret: application.secret,
      redirect_uris: [application.redirectUri],
      grant_types: ['authorization_code', 'refresh_token'],
      response_types: ['code'],
    },
    {
      client_id: publicApplication.id,
      token_endpoint_auth_method: 'none',
      redirect_uris: [publicApplication.redirectUri],
      grant_types: ['authorization_code', 'refresh_token'],
      response_types: ['code'],
    },
    {
      client_id: service.id,
      client_secret: service.secret,
      redirect_uris: [],
      grant_types: ['client_credentials'],
      response_types: [],
    },
  ];
}

/** Nobody is asked for consent: what is asked for is granted, as to one's own applications. */
async function loadExistingGrant({ oidc }: KoaContextWithOIDC) {
  const clientId = oidc.client!.clientId;
  const known = oidc.session!.grantIdFor(clientId);
  if (known) return oidc.provider.Grant.find(known);
  const grant = new oidc.provider.Grant({ accountId: oidc.session!.accountId!, clientId });
  grant.addOIDCScope(SIGN_IN_SCOPE);
  await grant.save();
  return grant;
}
