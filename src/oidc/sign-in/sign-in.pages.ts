import type Provider from 'oidc-provider';
import { system } from '../../platform/actor.ts';
import { isError } from '../../platform/errors.ts';
import type { Audit } from '../../directory/audit/audit.ts';
import type { Applications } from '../../directory/applications/applications.ts';
import { TooManyAttempts } from '../../authentication/credentials/password.ts';
import type { Credentials, PasswordProof } from '../../authentication/credentials/credentials.ts';
import { REMEMBERED_SECONDS, type Devices } from '../../authentication/known-devices/known-devices.ts';
import type { PageReply, PageRequest, ViewReply } from '../../platform/http/form-page.ts';
import type { Log } from '../../platform/http/log.ts';
import type { Contributions, Hooks } from '../../directory/module.ts';
import { usernameShape } from '../../directory/users/user.ts';
import type { Users } from '../../directory/users/users.ts';
import type { FindUser } from '../provider/request-users.ts';
import { ANOTHER_ACCOUNT, hintedUsername } from './account-choice.ts';
import { addressOf, addressOfSignInLink, answerPrompt, type Interaction } from './interaction.ts';
import type { MarkedLogin } from '../sessions/proof-marks.ts';
import type { SignInTickets } from './return-to-sign-in.ts';
import type { SignInModel } from './sign-in.views.ts';

export interface SignInPagesOptions {
  provider(): Provider;
  contributions: Pick<Contributions, 'signInMethods' | 'signInLinks'>;
  credentials: Pick<Credentials, 'verify'>;
  devices: Pick<Devices, 'rememberDevice'>;
  audit: Audit;
  users: Pick<Users, 'findByUsername' | 'noteSignIn'>;
  findUser: FindUser;
  applications: Pick<Applications, 'find'>;
  onSignIn: Hooks['onSignIn'];
  log: Log;
  detailsOf(request: PageRequest): Promise<Interaction>;
  ticketFor: SignInTickets['ticketFor'];
  /** A view in the frame of its sign-in. */
  page(view: string, interaction: Interaction, verb: string, model: Record<string, unknown>): Promise<ViewReply>;
}

/** The prompt `login`: a user proves who they are, by a password or another method. */
export function createSignInPages(options: SignInPagesOptions) {
  const { provider, contributions, credentials, devices, audit, users, findUser, applications } = options;
  const { onSignIn, log, detailsOf, ticketFor, page } = options;

  async function signIn(request: PageRequest): Promise<PageReply> {
    const interaction = await detailsOf(request);
    if (interaction.prompt.name !== 'login') return { redirect: addressOf(interaction) };
    const { login = '', password = '' } = request.fields;
    if (!login.trim() || !password) return { ...(await signInPage(interaction, login, 'missing')), status: 400 };
    try {
      const { address, cookies } = request;
      const proof = await credentials.verify(login, password, { address, token: cookies['device'] });
      onSignIn(proof ? 'success' : 'failure');
      if (!proof) {
        // After the answer: a note about an account takes longer than one about none, and the answer must not.
        void noteFailure(interaction, login, address).catch((err: unknown) =>
          log.error({ err }, 'failed to record a sign-in failure'),
        );
        return { ...(await signInPage(interaction, login, 'wrong')), status: 401 };
      }
      return await complete(request, interaction, { ...proof, amr: ['pwd'] });
    } catch (error) {
      if (!isError(error, TooManyAttempts)) throw error;
      onSignIn('limited');
      const retryAfter = error.retryAfter ?? 60;
      return {
        ...(await signInPage(interaction, login, 'limited', retryAfter)),
        status: 429,
        retryAfter,
      };
    }
  }

  async function signInBy(request: PageRequest): Promise<PageReply> {
    const interaction = await detailsOf(request);
    const method = contributions.signInMethods.find(({ name }) => name === request.params['method']);
    if (interaction.prompt.name !== 'login' || !method) return { redirect: addressOf(interaction) };
    const proof = await method.submit(interaction.uid, request.fields);
    const user = proof && (await findUser(proof.userId));
    onSignIn(user?.status === 'active' ? 'success' : 'failure');
    if (user?.status !== 'active') return { ...(await signInPage(interaction, '', method.name)), status: 401 };
    return complete(request, interaction, { ...proof!, user, device: undefined });
  }

  async function complete(
    request: PageRequest,
    interaction: Interaction,
    proof: PasswordProof & { amr: string[] },
  ): Promise<PageReply> {
    const cookies = await completeSignIn(request, interaction, proof);
    const { user, mark, amr } = proof;
    const login: MarkedLogin = { accountId: user.id, amr, proofMark: mark };
    return { redirect: await answerPrompt(provider(), request, { login }), cookies };
  }

  /** They have proved who they are. What to leave in their browser, so that it is known the next time. */
  async function completeSignIn(
    { address, userAgent, cookies }: PageRequest,
    interaction: Interaction,
    { user, device }: Pick<PasswordProof, 'user' | 'device'>,
  ) {
    users.noteSignIn(user.id);
    const target = { kind: 'user', id: user.id, name: user.username };
    const [token] = await Promise.all([
      devices.rememberDevice(user, { token: cookies['device'], userAgent, address, known: device }),
      audit.record({ ...system, ...target, kind: 'user', address }, 'user.signed_in', target, {
        client_id: interaction.params['client_id'],
      }),
    ]);
    return { device: { value: token, maxAgeSeconds: REMEMBERED_SECONDS } };
  }

  /** Whose account it was, if it is one. */
  async function noteFailure({ params }: Interaction, login: string, address: string): Promise<void> {
    const clientId = String(params['client_id']);
    const user = await users.findByUsername(usernameShape.safeParse(login).data ?? '');
    const application = {
      kind: 'application',
      id: clientId,
      name: (await applications.find(clientId))?.name ?? clientId,
    };
    const target = user ? { kind: 'user', id: user.id, name: user.username } : application;
    // Anybody can have tried it. What they typed is not written down: it may be a password.
    await audit.record({ ...system, address }, 'user.sign_in_failed', target, { client_id: clientId });
  }

  async function signInPage(interaction: Interaction, login: string, fault?: string, wait?: number) {
    // Who is signed in and is asked again needs no other account.
    const known = await askedAgain(interaction);
    const offered = contributions.signInLinks.filter(({ prompt }) => !known || !prompt);
    const from = ticketFor(interaction);
    const links = offered.map((signInLink) => ({
      name: signInLink.name,
      href: addressOfSignInLink(signInLink, interaction, from),
    }));
    const other = await Promise.all(
      contributions.signInMethods.map(async (method) => ({
        name: method.name,
        action: `${addressOf(interaction)}/with/${method.name}`,
        model: await method.model(interaction.uid),
      })),
    );
    const form = { login: login || (known?.username ?? '') };
    const model: SignInModel = { form, isAgain: Boolean(known), fault, wait, signInLinks: links, methods: other };
    return page('sign-in', interaction, 'login', model);
  }

  /** Who must prove again who they are; nobody where another account is wanted. */
  async function askedAgain({ session, prompt, params }: Interaction) {
    const known = session && (await findUser(session.accountId));
    const hinted = hintedUsername(params['login_hint']);
    const isAnother = prompt.reasons.includes(ANOTHER_ACCOUNT) || (hinted !== undefined && hinted !== known?.username);
    return isAnother ? undefined : known;
  }

  return { show: signInPage, signIn, signInBy };
}
