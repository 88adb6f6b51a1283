import { readJsonText } from '../../platform/json-text.ts';
import { toPointer } from '../../platform/json-pointer.ts';
import type { Refusal } from './forms.ts';

/** Custom data as it was entered. An empty text is an empty object. */
export function readCustomData(text: string): { value: Record<string, unknown> } | { refusal: Refusal } {
  const read = readJsonText(text.trim() ? text : '{}');
  // A cast, because the call refuses JSON that is no object.
  if ('value' in read) return { value: read.value as Record<string, unknown> };
  if ('inexact' in read) {
    const reasons = read.inexact.map(({ path, reason }) => `${toPointer(path)} ${reason}`);
    return { refusal: { code: 'invalid_input', detail: '', faults: { custom_data: reasons.join('; ') }, status: 400 } };
  }
  const { fault: place } = read;
  return { refusal: { code: 'broken_json', detail: '', faults: { custom_data: 'broken' }, status: 400, place } };
}
