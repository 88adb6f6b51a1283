import type { KoaContextWithOIDC } from 'oidc-provider';
import type { ShowPage } from '../../platform/http/show-page.ts';
import { uiLocalesOf } from './provider-pages.ts';

/** A form that the provider has the browser send by itself. */
interface ProviderForm {
  action: string;
  fields: { name: string; value: string }[];
}

/**
 * Shows a form that the provider has the browser send in our look and the user's language, because it is a page without
 * script: responses by `form_post`, the sign-out of an account that another one takes the place of, and a sign-out without
 * session.
 */
export function createFormPosts({ showPage }: { showPage: ShowPage }) {
  return async (ctx: KoaContextWithOIDC): Promise<void> => {
    const form = typeof ctx.body === 'string' ? formIn(ctx.body) : undefined;
    if (!form) return;
    const { status } = ctx;
    const { client } = ctx.oidc;
    const isOwn = form.action.startsWith(ctx.oidc.issuer);
    const model = {
      ...form,
      application: client && !isOwn ? { name: client.clientName ?? client.clientId } : undefined,
    };
    await showPage(ctx, {
      view: 'form-post',
      model: { ...model, returnTo: undefined },
      status,
      // Where the application goes on from its redirect URI, nobody here knows.
      formLeadsAnywhere: true,
      reader: { uiLocales: uiLocalesOf(ctx) },
    });
  };
}

/** `response_modes/form_post.js` of the provider writes it. */
function formIn(html: string): ProviderForm | undefined {
  if (!html.includes('<title>Submitting Callback</title>')) return undefined;
  const [, action] = /<form method="post" action="([^"]*)">/.exec(html) ?? [];
  if (action === undefined) return undefined;
  const inputs = [...html.matchAll(/<input type="hidden" name="([^"]*)" value="([^"]*)"\/>/g)];
  return {
    action: decode(action),
    fields: inputs.map(([, name = '', value = '']) => ({ name, value: decode(value) })),
  };
}

const CHARACTERS: Record<string, string> = { '&amp;': '&', '&lt;': '<', '&gt;': '>', '&quot;': '"', '&#39;': "'" };

const decode = (html: string) => html.replace(/&(?:amp|lt|gt|quot|#39);/g, (escaped) => CHARACTERS[escaped]!);
