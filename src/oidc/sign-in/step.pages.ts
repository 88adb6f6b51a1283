import type Provider from 'oidc-provider';
import type { InteractionResults } from 'oidc-provider';
import { themselves } from '../../platform/actor.ts';
import { addMethods } from '../../platform/assurance.ts';
import type { Audit } from '../../directory/audit/audit.ts';
import type { Applications } from '../../directory/applications/applications.ts';
import type { PageReply, PageRequest, ViewReply } from '../../platform/http/form-page.ts';
import type { Contributions, SignInStep, StepReply, StepVisit } from '../../directory/module.ts';
import { SignInEnded } from '../../directory/users/proof.ts';
import type { Users } from '../../directory/users/users.ts';
import { finishPrompt, sessionOf, type Interaction } from './interaction.ts';
import type { MarkedLogin } from '../sessions/proof-marks.ts';
import { requestedAcrOf } from './situations.ts';

export interface StepPagesOptions {
  provider(): Provider;
  contributions: Pick<Contributions, 'signInSteps'>;
  audit: Audit;
  users: Pick<Users, 'get'>;
  applications: Pick<Applications, 'find'>;
  /** A view in the frame of its sign-in. */
  page(view: string, interaction: Interaction, verb: string, model: Record<string, unknown>): Promise<ViewReply>;
}

/** The pages of the steps that modules bring: shown, and done. */
export function createStepPages({ provider, contributions, audit, users, applications, page }: StepPagesOptions) {
  async function visitOf(interaction: Interaction, request: PageRequest): Promise<StepVisit> {
    const { params, uid } = interaction;
    const session = await sessionOf(provider(), interaction);
    if (!session?.accountId) throw SignInEnded();
    const { query, fields, address, userAgent, cookies } = request;
    const user = await users.get(session.accountId);
    const application = await applications.find(String(params['client_id']));
    const amr = session.amr ?? [];
    return {
      user,
      session: { userId: user.id, uid: session.uid, mark: session.proofMark ?? 0 },
      application,
      amr,
      requestedAcr: requestedAcrOf(params),
      cookies,
      signInId: uid,
      query,
      fields,
      address,
      userAgent,
    };
  }

  const show = async (interaction: Interaction, request: PageRequest): Promise<ViewReply> =>
    showTo(await visitOf(interaction, request), stepOf(interaction), interaction);

  async function showTo(
    visit: StepVisit,
    step: SignInStep,
    interaction: Interaction,
    { faults = {}, more = {}, retryAfter }: StepReply = {},
  ): Promise<ViewReply> {
    const model = { ...(await step.model(visit)), ...more, faults, wait: retryAfter };
    const shown = await page(step.view, interaction, 'step', { ...model, self: `/interaction/${interaction.uid}` });
    if (retryAfter !== undefined) return { ...shown, status: 429, retryAfter };
    return Object.keys(faults).length > 0 ? { ...shown, status: 400 } : shown;
  }

  async function submit(interaction: Interaction, request: PageRequest): Promise<PageReply> {
    const visit = await visitOf(interaction, request);
    const step = stepOf(interaction);
    // Done in another window in the meantime, or never again to be done in this one: the dispatcher decides again.
    if (!(await step.isNeeded(visit))) return { redirect: await finish(request, interaction, {}) };
    const reply = await step.submit(visit);
    if (reply.faults || reply.more || reply.retryAfter !== undefined) return showTo(visit, step, interaction, reply);
    const methods = reply.proved ? await takeMethods(interaction, visit, reply.proved) : {};
    const continueAt = await finish(request, interaction, methods);
    const { cookies = {}, finalPage } = reply;
    if (!finalPage) return { redirect: continueAt, cookies };
    const { username } = visit.user;
    return {
      ...(await page(finalPage.view, interaction, 'step', { username, continueAt, ...finalPage.model })),
      cookies,
    };
  }

  /** `auth_time` stays that of the oldest proof, so that whatever an application reads into it is true of all of them. */
  async function takeMethods(interaction: Interaction, { user, address }: StepVisit, proved: string[]) {
    const present = await sessionOf(provider(), interaction);
    if (!present) throw SignInEnded();
    const amr = addMethods(present.amr ?? [], proved);
    const target = { kind: 'user', id: user.id, name: user.username };
    const details = { client_id: interaction.params['client_id'], amr: proved };
    await audit.record(themselves(user, address), 'mfa.verified', target, details);
    const time = present.loginTs ? { ts: present.loginTs } : {};
    const login: MarkedLogin = { accountId: user.id, amr, proofMark: present.proofMark, ...time };
    return { login };
  }

  const finish = (request: PageRequest, interaction: Interaction, result: InteractionResults): Promise<string> =>
    finishPrompt(provider(), request, interaction, { ...result, [interaction.prompt.name]: { done: true } });

  function stepOf(interaction: Interaction): SignInStep {
    const step = contributions.signInSteps.find(({ name }) => name === interaction.prompt.name);
    if (!step) throw new Error(`No module provides the sign-in step ${interaction.prompt.name}.`);
    return step;
  }

  const isStep = (interaction: Interaction) =>
    contributions.signInSteps.some(({ name }) => name === interaction.prompt.name);

  return { show, submit, isStep };
}
