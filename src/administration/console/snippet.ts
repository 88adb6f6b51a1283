import type { ApplicationType } from '../../directory/applications/application.ts';

export interface SnippetOptions {
  issuer: string;
  clientId: string;
  type: ApplicationType;
  /** The first of the application's addresses, where it has one. */
  redirectUri?: string | undefined;
  /** Of a service, what it may ask for. */
  scopes: string[];
  /** The claim that has its groups. */
  claim: string;
}

/** Settings of one piece of software, to be pasted. */
export interface Snippet {
  /** Its texts are `consoleApplication.snippets.<name>`. */
  name: string;
  /** What it is called; the same in every language. */
  title: string;
  /** The file that they belong in. */
  file: string;
  text: string;
  /** The redirect path of that software, after its own URL. */
  callback?: string;
}

/** Stands where the secret goes, which nobody can look up. */
export const SECRET = 'CLIENT_SECRET';
export const SCOPES = ['openid', 'profile', 'email', 'groups'];
export const SCOPE = SCOPES.join(' ');

export const isPublic = ({ type }: SnippetOptions) => type === 'spa' || type === 'native';

/** True for a name that most languages take as it is; others, such as an address, want quotes. */
export const isWord = (claim: string) => /^[A-Za-z_]\w*$/.test(claim);
