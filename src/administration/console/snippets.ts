import type { ApplicationType } from '../../directory/applications/application.ts';
import type { Snippet, SnippetOptions } from './snippet.ts';
import { authJs, openidClient, openidClientOfService, spring } from './snippets-of-libraries.ts';
import { apache, dex, grafana, kubernetes, oauth2Proxy } from './snippets-of-products.ts';

const makers: Record<ApplicationType, ((options: SnippetOptions) => Snippet)[]> = {
  web: [openidClient, authJs, spring, oauth2Proxy, apache, grafana, kubernetes, dex],
  spa: [openidClient],
  native: [openidClient, kubernetes],
  service: [openidClientOfService],
};

/** The settings for an application of this type, with its issuer and client id in them. */
export const snippetsFor = (options: SnippetOptions): Snippet[] => makers[options.type].map((make) => make(options));
