import type { createApplication, updateApplication } from '../../directory/applications/applications.api.ts';
import type { BodyOf } from '../../platform/http/calls.ts';
import type { z } from 'zod';
import {
  URI_FIELDS,
  URI_LIST_FIELDS,
  type applicationReply,
  type ApplicationType,
} from '../../directory/applications/application.ts';
import {
  privateNetworkFault,
  redirectUriFault,
  type RedirectUriFault,
} from '../../directory/applications/redirect-uri.ts';
import type { Form } from './editing.ts';
import { ticked, type Refusal } from './forms.ts';
import type { ConsoleVisit } from './frame.pages.ts';

export type Application = z.output<typeof applicationReply>;

const FLAGS = ['skip_consent', 'require_pkce', 'requires_second_factor'] as const;

export const linesOf = (text = '') => [...new Set(text.split(/\r?\n/).map((line) => line.trim()))].filter(Boolean);

/** An application as its form has it; a service has no addresses, and nobody else has scopes. */
export function toForm(application: Application): Form {
  const { name, description, type } = application;
  if (type === 'service') return { name, description, scopes: [...application.scopes].sort().join('\n') };
  return {
    name,
    description,
    ...Object.fromEntries(URI_LIST_FIELDS.map((field) => [field, application[field].join('\n')])),
    ...Object.fromEntries(URI_FIELDS.map((field) => [field, application[field] ?? ''])),
    ...Object.fromEntries(FLAGS.map((field) => [field, application[field] ? 'yes' : ''])),
  };
}

/** What was typed, in the same form. */
export function typedIn({ request: { fields } }: ConsoleVisit, type: ApplicationType): Form {
  const text = (field: string) => fields[field]?.trim() ?? '';
  const own = { name: text('name'), description: text('description') };
  if (type === 'service') return { ...own, scopes: ticked(fields, 'scope').sort().join('\n') };
  return {
    ...own,
    ...Object.fromEntries(URI_LIST_FIELDS.map((field) => [field, linesOf(fields[field]).join('\n')])),
    ...Object.fromEntries(URI_FIELDS.map((field) => [field, text(field)])),
    ...Object.fromEntries(FLAGS.map((field) => [field, fields[field] ? 'yes' : ''])),
  };
}

/** What a form says, as the API takes it. */
export function toBody(form: Form, type: ApplicationType): BodyOf<typeof updateApplication> {
  const own = { name: form['name'], description: form['description'] };
  if (type === 'service') return { ...own, scopes: linesOf(form['scopes']) };
  return {
    ...own,
    ...Object.fromEntries(URI_LIST_FIELDS.map((field) => [field, linesOf(form[field])])),
    ...Object.fromEntries(URI_FIELDS.map((field) => [field, form[field] || null])),
    ...Object.fromEntries(FLAGS.map((field) => [field, form[field] === 'yes'])),
  };
}

/** The same for one that does not exist yet, where there is nothing to take away. */
export function toNewBody(form: Form, type: ApplicationType): BodyOf<typeof createApplication> {
  const body = Object.entries(toBody(form, type)).filter(([, value]) => value !== null);
  return { ...Object.fromEntries(body), name: form['name'] ?? '', type };
}

/** An address that was refused, and why: `consoleApplication.addressFaults.<fault>`. */
export interface AddressFault {
  address: string;
  fault: RedirectUriFault | 'not_web' | 'missing' | 'other';
}

/** Of fields that were refused, the lines that were meant. */
export function addressFaults(form: Form, type: ApplicationType, refusal?: Refusal): Record<string, AddressFault[]> {
  const refused = URI_LIST_FIELDS.filter((field) => refusal && field in refusal.faults);
  return Object.fromEntries(refused.map((field) => [field, faultsOf(linesOf(form[field]), type)]));
}

function faultsOf(addresses: string[], type: ApplicationType): AddressFault[] {
  if (addresses.length === 0) return [{ address: '', fault: 'missing' }];
  const isWeb = type === 'web' || type === 'spa';
  const faults = addresses.flatMap((address): AddressFault[] => {
    const fault = redirectUriFault(address) ?? (isWeb && !/^https?:/i.test(address) ? 'not_web' : undefined);
    return fault ? [{ address, fault }] : [];
  });
  // Refused although nothing is wrong with them that does not depend on a setting.
  const others = addresses.flatMap((address): AddressFault[] => {
    const fault = privateNetworkFault(address);
    return fault ? [{ address, fault }] : [];
  });
  const found = faults.length > 0 ? faults : others;
  return found.length > 0 ? found : [{ address: '', fault: 'other' }];
}

/** The scopes that may be given to a service: nobody gives away what they do not have. */
export const scopesToGive = ({ actor }: ConsoleVisit) => [...actor.scopes].sort();
