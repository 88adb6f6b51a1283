import ar from '../views/messages/ar/console-users.json' with { type: 'json' };
import de from '../views/messages/de/console-users.json' with { type: 'json' };
import en from '../views/messages/en/console-users.json' with { type: 'json' };
import arConsole from '../views/messages/ar/console.json' with { type: 'json' };
import deConsole from '../views/messages/de/console.json' with { type: 'json' };
import enConsole from '../views/messages/en/console.json' with { type: 'json' };
import type { ErrorCode } from '../src/platform/error-code.ts';
import type { AuditAction } from '../src/directory/audit/audit-action.ts';

// Checked by the compiler alone: what the code can say has a text in every language.

type Key<Name extends string> = Name extends `${infer Kind}.${infer Deed}` ? `${Kind}_${Deed}` : never;

type TextOfEachAction = Record<Key<AuditAction>, string>;

export const actionTexts: Record<'en' | 'de' | 'ar', TextOfEachAction> = {
  en: en.consoleUser.activity.actions,
  de: de.consoleUser.activity.actions,
  ar: ar.consoleUser.activity.actions,
};

/** Errors that a form of the console does not meet: of HTTP, of other pages, of the command line. */
type NotInConsole =
  | 'broken_coding'
  | 'cross_origin'
  | 'email_not_found'
  | 'foreign_host'
  | 'headers_too_large'
  | 'idempotency_key_reused'
  | 'interaction_expired'
  | 'invalid_token'
  | 'link_invalid'
  | 'link_used_or_expired'
  | 'no_such_method'
  | 'not_utf8'
  | 'precondition_required'
  | 'request_expired'
  | 'route_not_found'
  | 'sign_in_ended'
  | 'too_many_attempts'
  | 'too_many_requests'
  | 'unknown_file_type'
  | 'uri_too_long'
  | 'wrong_content_type';

type TextOfEachError = Record<Exclude<ErrorCode, NotInConsole>, string>;

export const errorTexts: Record<'en' | 'de' | 'ar', TextOfEachError> = {
  en: enConsole.console.errors,
  de: deConsole.console.errors,
  ar: arConsole.console.errors,
};
