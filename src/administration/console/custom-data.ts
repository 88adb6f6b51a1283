import { readJsonText } from '../../platform/json-text.ts';
import type { Refusal } from './forms.ts';

/** Custom data as it was entered. An empty text is an empty object. */
export function readCustomData(text: string): { value: unknown } | { refusal: Refusal } {
  const read = readJsonText(text.trim() ? text : '{}');
  if ('value' in read) return read;
  const { fault: place } = read;
  return { refusal: { code: 'broken_json', detail: '', faults: { custom_data: 'broken' }, status: 400, place } };
}
