// An OpenID provider nobody here wrote, on loopback over TLS: node provider.mjs KEY CERTIFICATE SCOPE…
// Prints its port; /asked lists the requests so far. Whoever types a name is that person; the client "brief" gets tokens that end at once.
import { readFileSync } from 'node:fs';
import { createServer } from 'node:https';
import { createServer as reserve } from 'node:net';
import Provider from 'oidc-provider';

const DEVICE = 'urn:ietf:params:oauth:grant-type:device_code';
const GRAPH = 'https://graph.microsoft.com/.default';
const [, , key, cert, ...more] = process.argv;

const person = (client_id) => ({
  client_id,
  application_type: 'native',
  token_endpoint_auth_method: 'none',
  grant_types: ['authorization_code', 'refresh_token', DEVICE],
  response_types: ['code'],
  redirect_uris: ['http://localhost/connections/callback'],
});
const organisation = {
  client_id: 'organisation',
  client_secret: 'the secret of the organisation',
  token_endpoint_auth_method: 'client_secret_post',
  grant_types: ['client_credentials'],
  response_types: [],
  redirect_uris: [],
};
const certified = {
  client_id: 'certified',
  token_endpoint_auth_method: 'private_key_jwt',
  token_endpoint_auth_signing_alg: 'PS256',
  jwks: { keys: JSON.parse(process.env.CERTIFIED || '[]') },
  grant_types: ['client_credentials'],
  response_types: [],
  redirect_uris: [],
};
const lasting = (seconds) => (_ctx, _token, client) => (client.clientId === 'brief' ? 1 : seconds);

const port = await new Promise((found) => {
  const socket = reserve().listen(0, '127.0.0.1', () => {
    const { port } = socket.address();
    socket.close(() => found(port));
  });
});
const provider = new Provider(`https://localhost:${port}/contoso`, {
  clients: [person('carnet'), person('brief'), organisation, ...(certified.jwks.keys.length ? [certified] : [])],
  scopes: ['openid', 'offline_access', 'profile', 'User.Read', 'Contacts.Read', 'Contacts.Read.Shared', GRAPH, ...more],
  claims: { openid: ['sub'], profile: ['preferred_username', 'name'] },
  conformIdTokenClaims: false,
  findAccount: (_ctx, sub) => ({ accountId: sub, claims: () => ({ sub, preferred_username: sub, name: 'Camille Roche' }) }),
  issueRefreshToken: (_ctx, client) => client.grantTypeAllowed('refresh_token'),
  ttl: { AccessToken: lasting(3600), ClientCredentials: 3600, RefreshToken: lasting(86400), DeviceCode: 300 },
  features: {
    clientCredentials: { enabled: true },
    deviceFlow: { enabled: true },
    devInteractions: { enabled: true },
    introspection: { enabled: true, allowedPolicy: () => true },
  },
  cookies: { keys: ['for a test'] },
});
provider.proxy = true;
const answer = provider.callback();
const asked_so_far = [];
createServer({ key: readFileSync(key), cert: readFileSync(cert) }, (asked, answered) => {
  if (asked.url === '/asked') {
    answered.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(asked_so_far));
    return;
  }
  asked_so_far.push(`${asked.method} ${asked.url.split('?')[0]}`);
  if (asked.url.startsWith('/contoso')) {
    // as at Microsoft, lasting access needs no prompt that is asked for, and an account is chosen where one wants to
    if (asked.url.includes('/auth?')) {
      const chooses = asked.url.includes('&prompt=select_account');
      asked.url = asked.url.replace('&prompt=select_account', '') + (chooses ? '&prompt=login%20consent' : '&prompt=consent');
    }
    asked.originalUrl = asked.url;
    asked.url = asked.url.slice('/contoso'.length) || '/';
    answer(asked, answered);
  } else {
    answered.writeHead(404, { 'content-type': 'application/json' }).end('{}');
  }
}).listen(port, '127.0.0.1', () => console.log(`port ${port}`));
