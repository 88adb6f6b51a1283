import { snippetsFor, type SnippetOptions } from '../../src/console/snippets.ts';

const options: SnippetOptions = {
  issuer: 'https://id.example.com',
  clientId: 'grafana',
  type: 'web',
  redirectUri: `https://app.example.com/it's`,
  scopes: [],
};

describe('the settings to paste', () => {
  it('are there for everything that a web application is built with', () => {
    expect(snippetsFor(options).map(({ title }) => title)).toEqual([
      ...['openid-client', 'Auth.js', 'Spring', 'oauth2-proxy', 'Grafana', 'Kubernetes'],
    ]);
  });

  it.each(snippetsFor(options))(
    'for $title name the issuer, the client, the groups and a place for the secret',
    ({ text }) => {
      for (const part of ['https://id.example.com', 'grafana', 'groups', 'CLIENT_SECRET']) expect(text).toContain(part);
    },
  );

  it('ask for the scopes of the standard and for groups', () => {
    const texts = snippetsFor(options).filter(({ name }) => name !== 'kubernetes');
    for (const { text } of texts) expect(text.replaceAll(',', '')).toContain('openid profile email groups');
  });

  it.each(['spa', 'native'] as const)('have no secret for a public client: %s', (type) => {
    for (const { text } of snippetsFor({ ...options, type })) expect(text).not.toMatch(/secret/i);
  });

  it('of a service ask for what it may do', () => {
    const [snippet] = snippetsFor({ ...options, type: 'service', redirectUri: undefined, scopes: ['groups:read'] });
    expect(snippet!.text).toContain("scope: 'groups:read'");
  });

  it('hold an address as text, whatever is in it', () => {
    expect(snippetsFor(options)[0]!.text).toContain(`redirect_uri: "https://app.example.com/it's"`);
  });

  it('allow http only where the issuer has it', () => {
    const [local] = snippetsFor({ ...options, issuer: 'http://localhost:3000' });
    expect(local!.text).toContain('allowInsecureRequests');
    expect(snippetsFor(options)[0]!.text).not.toContain('allowInsecureRequests');
  });
});
