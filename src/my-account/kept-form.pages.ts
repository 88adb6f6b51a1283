import type { FormPage, PageRequest } from '../platform/http/form-page.ts';
import type { PageCookie } from '../platform/http/page-cookies.ts';

/** A form that a user sent before they had to sign in. */
export interface KeptForm {
  /** Where it goes. */
  path: string;
  /** What was filled in; none when it was more than a browser keeps. */
  fields: Record<string, string>;
}

const COOKIE = 'kept_form';
const KEPT_SECONDS = 900;
/** Browsers keep no more in a cookie. */
const MOST_CHARACTERS = 3000;
/** What nobody wants to find again. */
const SECRET = /password|secret|code|^current$/i;

/**
 * Keeps a form in the browser while its user signs in. Not in the URL, which someone else could make up to submit what
 * they want.
 */
export function keepForm({ path, fields }: KeptForm): Record<string, PageCookie> {
  const plain = Object.entries(fields).filter(([name]) => !SECRET.test(name));
  const packed = pack({ path, fields: Object.fromEntries(plain) });
  const value = packed.length <= MOST_CHARACTERS ? packed : pack({ path, fields: {} });
  return { [COOKIE]: { value, maxAgeSeconds: KEPT_SECONDS } };
}

const pack = (form: KeptForm) => Buffer.from(JSON.stringify(form)).toString('base64url');

/** The form that this browser kept, if it belongs below `base`. */
function keptForm({ cookies: { [COOKIE]: packed = '' } }: PageRequest, base: string): KeptForm | undefined {
  try {
    const form = JSON.parse(Buffer.from(packed, 'base64url').toString()) as KeptForm;
    return form.path.startsWith(`${base}/`) ? form : undefined;
  } catch {
    return undefined;
  }
}

export const resumePlace = (base: string) => `${base}/resume`;

/** After the sign-in: nothing was done yet, and what was filled in can be sent now. It is never sent unseen. */
export const resumePage = (base: string): FormPage => ({
  path: resumePlace(base),
  async show(request) {
    const form = keptForm(request, base);
    return form ? { view: 'resume', model: { form }, cookies: { [COOKIE]: null } } : { redirect: base };
  },
});
