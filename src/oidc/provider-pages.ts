import type { KoaContextWithOIDC } from 'oidc-provider';
import { setPagePolicy } from '../http/security-headers.ts';
import type { Views } from '../http/views.ts';
import type { Person } from '../users/user.ts';

export interface ProviderPagesOptions {
  views: Views;
  findPerson(id: string): Promise<Person | undefined>;
}

/** The pages that the provider itself shows, in our views. */
export function createProviderPages({ views, findPerson }: ProviderPagesOptions) {
  async function show(
    ctx: KoaContextWithOIDC,
    view: string,
    model: Record<string, unknown>,
    formTargets: string[] = [],
  ): Promise<void> {
    setPagePolicy(ctx, { formTargets });
    ctx.type = 'html';
    ctx.body = await views.render(view, model);
  }

  const application = (ctx: KoaContextWithOIDC) => {
    const { client } = ctx.oidc;
    return client ? { name: client.clientName ?? client.clientId } : undefined;
  };

  return {
    async logoutSource(ctx: KoaContextWithOIDC): Promise<void> {
      const state = ctx.oidc.session?.state as { secret: string; postLogoutRedirectUri?: string } | undefined;
      const accountId = ctx.oidc.session?.accountId;
      const person = accountId ? await findPerson(accountId) : undefined;
      const model = {
        action: ctx.oidc.urlFor('end_session_confirm'),
        xsrf: state?.secret,
        application: application(ctx),
        username: person?.username,
      };
      await show(ctx, 'sign-out', model, state?.postLogoutRedirectUri ? [state.postLogoutRedirectUri] : []);
    },

    postLogoutSuccessSource: (ctx: KoaContextWithOIDC) => show(ctx, 'signed-out', { application: application(ctx) }),

    async userCodeInputSource(
      ctx: KoaContextWithOIDC,
      _form: string,
      _out?: unknown,
      error?: { name?: string; userCode?: string },
    ): Promise<void> {
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

    async renderError(
      ctx: KoaContextWithOIDC,
      out: { error: string; error_description?: string | undefined },
    ): Promise<void> {
      const { status } = ctx;
      await show(ctx, 'error', {
        status,
        code: out.error,
        detail: out.error_description,
        requestId: ctx.state['requestId'] as string | undefined,
      });
      ctx.status = status;
    },
  };
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
