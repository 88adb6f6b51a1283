import type Provider from 'oidc-provider';
import { openPresented, type Encryption } from '../../platform/encryption.ts';
import type { ReturnToSignIn } from '../../directory/module.ts';
import type { PostedRequests } from '../provider/posted-requests.ts';
import type { Interaction } from './interaction.ts';

export interface SignInTicketsOptions {
  provider(): Provider;
  addressFor: PostedRequests['addressFor'];
  encryption: Encryption;
  issuer: string;
}

/** What is needed to begin a sign-in again. */
interface Begun {
  params: Record<string, unknown>;
  /** The code of a device was typed in. */
  isOfDevice: boolean;
}

/** `exp` in Unix seconds, by the provider's clock. */
type Ticket = Begun & { exp: number };

/** What every browser, proxy and log takes as a URL. */
const MOST_CHARACTERS = 2000;

export interface SignInTickets {
  /** What leads back to a sign-in that the user leaves for another page, in a URL. */
  ticketFor(interaction: Interaction): string;
  returnToSignIn: ReturnToSignIn;
}

/**
 * Returns to a sign-in that a user left for another page: the authorization request as the provider accepted it, from
 * its start. The sign-in itself may have ended by then, or have been started in another browser. The ticket is the request
 * itself, encrypted.
 */
export function createSignInTickets(options: SignInTicketsOptions): SignInTickets {
  const { provider, addressFor, encryption, issuer } = options;
  const purpose = `return_to_sign_in:${issuer}`;

  function ticketFor({ params, deviceCode, exp, uid }: Interaction): string {
    const content: Ticket = { params, isOfDevice: deviceCode !== undefined, exp };
    const ticket = encryption.encrypt(purpose, JSON.stringify(content));
    // An interaction with as many parameters is stored.
    return ticket.length > MOST_CHARACTERS ? uid : ticket;
  }

  async function begunBy(from: string): Promise<Begun | undefined> {
    if (!from.includes('.')) {
      const stored = await provider().Interaction.find(from);
      return stored && { params: stored.params, isOfDevice: stored.deviceCode !== undefined };
    }
    const text = openPresented(encryption, purpose, from);
    const ticket = text === undefined ? undefined : (JSON.parse(text) as Ticket);
    return ticket && ticket.exp > Date.now() / 1000 ? ticket : undefined;
  }

  async function returnToSignIn(from: string | undefined, username?: string): Promise<string | undefined> {
    const begun = from ? await begunBy(from) : undefined;
    if (!begun) return undefined;
    // The code of a device is typed in again.
    if (begun.isOfDevice) return '/device';
    const query = new URLSearchParams();
    for (const [name, value] of Object.entries(withoutSignInLink(begun.params)))
      for (const each of Array.isArray(value) ? value : [value]) query.append(name, String(each));
    if (username) query.set('login_hint', username);
    return addressFor('/auth', query.toString());
  }

  return { ticketFor, returnToSignIn };
}

/** `prompt` has done its work; and a pushed or signed request is already unpacked into parameters, and works only once. */
function withoutSignInLink(params: Record<string, unknown>): Record<string, unknown> {
  const { prompt, request: _request, request_uri: _pushed, ...rest } = params;
  const prompts = typeof prompt === 'string' ? prompt.split(' ').filter((value) => value !== 'create') : [];
  return prompts.length > 0 ? { ...rest, prompt: prompts.join(' ') } : rest;
}
