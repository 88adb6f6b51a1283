import type Provider from 'oidc-provider';
import type { WayBack } from '../../module.ts';

/**
 * Finds the way back to a sign-in that somebody left for a detour. It is the authorization request as the provider took it,
 * once more and from its beginning: the sign-in itself may be over by then, or have been begun in another browser.
 */
export function createWayBack(provider: () => Provider): WayBack {
  return async (from, username) => {
    const interaction = from ? await provider().Interaction.find(from) : undefined;
    if (!interaction) return undefined;
    // The code of a device is typed in anew.
    if (interaction.deviceCode) return '/device';
    const query = new URLSearchParams();
    for (const [name, value] of Object.entries(withoutDetour(interaction.params)))
      for (const each of Array.isArray(value) ? value : [value]) query.append(name, String(each));
    if (username) query.set('login_hint', username);
    return `/auth?${query.toString()}`;
  };
}

/** The detour is made; and what was pushed or signed was unpacked into the parameters, and works only once. */
function withoutDetour(params: Record<string, unknown>): Record<string, unknown> {
  const { prompt, request: _request, request_uri: _pushed, ...rest } = params;
  const prompts = typeof prompt === 'string' ? prompt.split(' ').filter((value) => value !== 'create') : [];
  return prompts.length > 0 ? { ...rest, prompt: prompts.join(' ') } : rest;
}
