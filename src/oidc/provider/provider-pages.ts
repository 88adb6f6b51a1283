import { errors, type KoaContextWithOIDC } from 'oidc-provider';
import type { ViewReply } from '../../platform/http/form-page.ts';
import type { ShowPage } from '../../platform/http/show-page.ts';
import type { User } from '../../directory/users/user.ts';
import { isTemporarilyUnavailable } from './database-away.ts';
import { InteractionExpired } from '../sign-in/interaction.ts';

export interface ProviderPagesOptions {
  showPage: ShowPage;
  findUser(id: string): Promise<User | undefined>;
}

/** The pages that the provider itself shows, in our views. */
export function createProviderPages({ showPage, findUser }: ProviderPagesOptions) {
  const userOf = async ({ oidc }: KoaContextWithOIDC) =>
    oidc.session?.accountId ? findUser(oidc.session.accountId) : undefined;

  async function show(
    ctx: KoaContextWithOIDC,
    view: string,
    model: Record<string, unknown>,
    more: Partial<ViewReply> = {},
  ): Promise<void> {
    const user = await userOf(ctx);
    await showPage(ctx, { view, model, reader: { uiLocales: uiLocalesOf(ctx), locale: user?.locale }, ...more });
  }

  const application = (ctx: KoaContextWithOIDC) => {
    const { client } = ctx.oidc;
    return client ? { name: client.clientName ?? client.clientId } : undefined;
  };

  async function renderError(
    ctx: KoaContextWithOIDC,
    out: { error: string; error_description?: string | undefined },
    error?: unknown,
  ): Promise<void> {
    const { status } = ctx;
    const requestId = ctx.state['requestId'] as string | undefined;
    // A sign-in that took too long, or was ended: no fault of the application.
    const isOver = error instanceof errors.SessionNotFound;
    const code = isOver ? InteractionExpired.code : out.error;
    const about = aboutOf(ctx);
    const model = {
      status,
      code,
      ...(isOver ? {} : { detail: out.error_description }),
      requestId,
      ...(about && status < 500 ? { about } : {}),
    };
    // Nobody is looked up: perhaps it is the database that is away.
    await showPage(ctx, { view: 'error', model, status, reader: { uiLocales: uiLocalesOf(ctx) } });
  }

  return {
    async logoutSource(ctx: KoaContextWithOIDC): Promise<void> {
      const state = ctx.oidc.session?.state as { secret: string; postLogoutRedirectUri?: string } | undefined;
      const user = await userOf(ctx);
      const model = {
        action: ctx.oidc.urlFor('end_session_confirm'),
        xsrf: state?.secret,
        application: application(ctx),
        username: user?.username,
      };
      const formTargets = state?.postLogoutRedirectUri ? [state.postLogoutRedirectUri] : [];
      await show(ctx, 'sign-out', model, { formTargets });
    },

    postLogoutSuccessSource: (ctx: KoaContextWithOIDC) => show(ctx, 'signed-out', { application: application(ctx) }),

    async userCodeInputSource(
      ctx: KoaContextWithOIDC,
      _form: string,
      out?: { error: string },
      error?: { name?: string; userCode?: string },
    ): Promise<void> {
      if (out && isTemporarilyUnavailable(out)) return renderError(ctx, out);
      const xsrf = (ctx.oidc.session?.state as { secret: string } | undefined)?.secret;
      const form = { user_code: error?.userCode ?? '' };
      await show(ctx, 'device-code', {
        action: ctx.oidc.urlFor('code_verification'),
        xsrf,
        form,
        fault: deviceFault(error),
      });
    },

    async userCodeConfirmSource(
      ctx: KoaContextWithOIDC,
      _form: string,
      client: { clientName?: string | undefined; clientId: string },
      device: Record<string, unknown>,
      userCode: string,
    ): Promise<void> {
      const xsrf = (ctx.oidc.session?.state as { secret: string } | undefined)?.secret;
      const place = { address: device['ip'], browser: device['ua'] };
      const name = client.clientName ?? client.clientId;
      await show(ctx, 'device-confirm', {
        action: ctx.oidc.urlFor('code_verification'),
        xsrf,
        userCode,
        application: { name },
        place,
      });
    },

    successSource: (ctx: KoaContextWithOIDC) => show(ctx, 'device-done', { application: application(ctx) }),

    renderError,
  };
}

/** The languages that a request of the protocol asks for. */
export function uiLocalesOf({ oidc }: KoaContextWithOIDC): string | undefined {
  const asked = oidc?.params?.['ui_locales'];
  return typeof asked === 'string' ? asked : undefined;
}

/** What the user wanted to do, where that was not to sign in: `errors.<about>`. */
function aboutOf({ oidc }: KoaContextWithOIDC): 'signOut' | 'device' | 'api' | undefined {
  const { route } = oidc;
  if (route.startsWith('end_session')) return 'signOut';
  if (route.startsWith('code_') || route.startsWith('device_')) return 'device';
  return route === 'authorization' || route === 'resume' ? undefined : 'api';
}

function deviceFault(error: { name?: string } | undefined): string | undefined {
  if (!error) return undefined;
  const faults: Record<string, string> = {
    NotFoundError: 'unknown',
    NoCodeError: 'missing',
    ExpiredError: 'expired',
    AlreadyUsedError: 'used',
    AbortedError: 'aborted',
  };
  return faults[error.name ?? ''] ?? 'unknown';
}
