import type Provider from 'oidc-provider';
import { system } from '../../platform/actor.ts';
import { isError } from '../../platform/errors.ts';
import type { Audit } from '../../directory/audit/audit.ts';
import type { Application } from '../../directory/applications/application.ts';
import { TooManyAttempts } from '../../authentication/credentials/password.ts';
import type { Credentials } from '../../authentication/credentials/credentials.ts';
import { REMEMBERED_SECONDS, type Devices } from '../../authentication/known-devices/known-devices.ts';
import type { PageReply, PageRequest, ViewReply } from '../../platform/http/form-page.ts';
import type { Log } from '../../platform/http/log.ts';
import type { SignInLink, SignInWay } from '../../module.ts';
import type { Proof } from '../../directory/users/proof.ts';
import { usernameShape, type Person } from '../../directory/users/user.ts';
import { addressOf, addressOfSignInLink, answerPrompt, type Interaction } from './interaction.ts';
import type { MarkedLogin } from '../sessions/proof-marks.ts';
import type { SignInModel } from './sign-in.views.ts';

export interface SignInPagesOptions {
  provider(): Provider;
  credentials: Pick<Credentials, 'verify'>;
  ways: SignInWay[];
  signInLinks: SignInLink[];
  audit: Audit;
  getPerson(id: string): Promise<Person>;
  findPerson(id: string): Promise<Person | undefined>;
  findByUsername(username: string): Promise<Person | undefined>;
  noteSignIn(id: string): Promise<void>;
  /** Makes their browser a known one; what it has to keep for that. */
  rememberDevice: Devices['rememberDevice'];
  findApplication(clientId: string): Promise<Application | undefined>;
  countSignIn(outcome: 'success' | 'failure' | 'limited'): void;
  log: Log;
  detailsOf(request: PageRequest): Promise<Interaction>;
  /** A view in the frame of its sign-in. */
  page(view: string, interaction: Interaction, verb: string, model: Record<string, unknown>): Promise<ViewReply>;
}

/** The prompt `login`: a user proves who they are, by a password or another way. */
export function createSignInPages(options: SignInPagesOptions) {
  const { provider, credentials, ways, signInLinks, audit, getPerson, findPerson, findApplication } = options;
  const { countSignIn, rememberDevice, log, detailsOf, page } = options;

  async function signIn(request: PageRequest): Promise<PageReply> {
    const interaction = await detailsOf(request);
    if (interaction.prompt.name !== 'login') return { redirect: addressOf(interaction) };
    const { login = '', password = '' } = request.fields;
    if (!login.trim() || !password) return { ...(await signInPage(interaction, login, 'missing')), status: 400 };
    try {
      const { address, cookies } = request;
      const proof = await credentials.verify(login, password, { address, token: cookies['device'] });
      countSignIn(proof ? 'success' : 'failure');
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
      countSignIn('limited');
      const retryAfter = error.retryAfter ?? 60;
      return {
        ...(await signInPage(interaction, login, 'limited', retryAfter)),
        status: 429,
        retryAfter,
      };
    }
  }

  async function signInBy(way: SignInWay, request: PageRequest): Promise<PageReply> {
    const interaction = await detailsOf(request);
    if (interaction.prompt.name !== 'login') return { redirect: addressOf(interaction) };
    const proof = await way.submit(interaction.uid, request.fields);
    const person = proof && (await findPerson(proof.userId));
    countSignIn(person?.status === 'active' ? 'success' : 'failure');
    if (person?.status !== 'active') return { ...(await signInPage(interaction, '', way.name)), status: 401 };
    return complete(request, interaction, proof!);
  }

  async function complete(
    request: PageRequest,
    interaction: Interaction,
    { userId, mark, amr }: Proof & { amr: string[] },
  ): Promise<PageReply> {
    const cookies = await completeSignIn(request, interaction, userId);
    const login: MarkedLogin = { accountId: userId, amr, proofMark: mark };
    return { redirect: await answerPrompt(provider(), request, { login }), cookies };
  }

  /** They have proved who they are. What to leave in their browser, so that it is known the next time. */
  async function completeSignIn(
    { address, userAgent, cookies }: PageRequest,
    interaction: Interaction,
    userId: string,
  ) {
    const person = await getPerson(userId);
    const token = await rememberDevice(person, { token: cookies['device'], userAgent, address });
    await options.noteSignIn(userId);
    const target = { kind: 'user', id: person.id, name: person.username };
    await audit.record({ ...system, ...target, kind: 'person', address }, 'user.signed_in', target, {
      client_id: interaction.params['client_id'],
    });
    return { device: { value: token, maxAgeSeconds: REMEMBERED_SECONDS } };
  }

  /** Whose account it was, if it is one. */
  async function noteFailure({ params }: Interaction, login: string, address: string): Promise<void> {
    const clientId = String(params['client_id']);
    const person = await options.findByUsername(usernameShape.safeParse(login).data ?? '');
    const application = {
      kind: 'application',
      id: clientId,
      name: (await findApplication(clientId))?.name ?? clientId,
    };
    const target = person ? { kind: 'user', id: person.id, name: person.username } : application;
    // Anybody can have tried it. What they typed is not written down: it may be a password.
    await audit.record({ ...system, address }, 'user.sign_in_failed', target, { client_id: clientId });
  }

  async function signInPage(interaction: Interaction, login: string, fault?: string, wait?: number) {
    // Who is signed in and is asked again needs no other account.
    const known = interaction.session && (await findPerson(interaction.session.accountId));
    const offered = signInLinks.filter(({ prompt }) => !known || !prompt);
    const links = offered.map((signInLink) => ({
      name: signInLink.name,
      href: addressOfSignInLink(signInLink, interaction),
    }));
    const other = await Promise.all(
      ways.map(async (way) => ({
        name: way.name,
        action: `${addressOf(interaction)}/with/${way.name}`,
        model: await way.model(interaction.uid),
      })),
    );
    const form = { login: login || (known?.username ?? '') };
    const model: SignInModel = { form, isAgain: Boolean(known), fault, wait, signInLinks: links, ways: other };
    return page('sign-in', interaction, 'login', model);
  }

  return { show: signInPage, signIn, signInBy };
}
