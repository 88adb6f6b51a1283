import type Provider from 'oidc-provider';
import type { ReturnToSignIn } from '../../directory/module.ts';
import type { PostedRequests } from '../provider/posted-requests.ts';

/**
 * Returns to a sign-in that a user left for another page: the authorization request as the provider accepted it, from
 * its start. The sign-in itself may have ended by then, or have been started in another browser.
 */
export function createReturnToSignIn({
  provider,
  addressFor,
}: {
  provider(): Provider;
  addressFor: PostedRequests['addressFor'];
}): ReturnToSignIn {
  return async (from, username) => {
    const interaction = from ? await provider().Interaction.find(from) : undefined;
    if (!interaction) return undefined;
    // The code of a device is typed in again.
    if (interaction.deviceCode) return '/device';
    const query = new URLSearchParams();
    for (const [name, value] of Object.entries(withoutSignInLink(interaction.params)))
      for (const each of Array.isArray(value) ? value : [value]) query.append(name, String(each));
    if (username) query.set('login_hint', username);
    return addressFor('/auth', query.toString());
  };
}

/** `prompt` has done its work; and a pushed or signed request is already unpacked into parameters, and works only once. */
function withoutSignInLink(params: Record<string, unknown>): Record<string, unknown> {
  const { prompt, request: _request, request_uri: _pushed, ...rest } = params;
  const prompts = typeof prompt === 'string' ? prompt.split(' ').filter((value) => value !== 'create') : [];
  return prompts.length > 0 ? { ...rest, prompt: prompts.join(' ') } : rest;
}
