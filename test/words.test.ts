import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { startHouse } from './support/app.ts';

const root = join(import.meta.dirname, '..');
const read = (path: string) => readFileSync(join(root, path), 'utf8');
const filesIn = (folder: string, ending: string) =>
  readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith(ending))
    .map((name) => join(folder, name));

/** Patterns of whole words that docs/glossary.md has replaced, and what to say instead. */
const RETIRED: [pattern: string, instead: string][] = [
  ['letters?', 'email'],
  ['e-mails?', 'email'],
  ['rooms?', 'module'],
  ['house', 'app'],
  ['sockets', 'extension points'],
  ['edges', 'API endpoints and pages'],
  ['plumbing', 'app'],
  ['fittings', 'module'],
  ['chores?', 'scheduled task'],
  ['long work', 'job'],
  ['batch(es)?', 'bulk action'],
  ['transfer', 'import or export'],
  ['detours?', 'sign-in link'],
  ['ways? in', 'self-registration, invitation or password reset'],
  ['whereabouts', 'sessions and connected applications'],
  ['seal(s|ed|ing)?', 'encrypt'],
  ['spare[sd]?', 'skip MFA, for a trusted device'],
  ['look(s|ed|ing)? after', 'manage'],
  ['(in|out of) reach', 'within or outside of the admin scope'],
  ['powerless', 'without roles'],
  ['strangers?', 'unknown device, or attacker'],
  ['(network|redirect) address(es)?', 'IP address, or redirect URI'],
  ['trials?', 'dry run'],
  ['touch(es|ed)', 'impact'],
  ['abandon(s|ed)?', 'delete'],
  ['sweeps?|swept', 'purge'],
  ['first run', 'bootstrap'],
  ['worked out', 'computed'],
  ['this once', 'only once'],
  ['somebody', 'user, or someone'],
  ['whoever', 'users who …'],
  ['whom', 'users who …'],
  ['people|persons?', 'user'],
  ['anew', 'again'],
  ['once more', 'again'],
  ['meanwhile', 'during that time'],
  ['behind', 'after'],
];

/** Where a retired word has another meaning than the one it was retired for. */
const ALLOWED = [
  /\b(upper|lower)-?case letters?\b/gi,
  /\bletters(?=,? (and )?(digits|dots))/gi,
  /\bletter or _/gi,
  /\b(two|four given) letters\b/gi,
  /\bbehind (a|any) (load balancer|proxy)\b/gi,
  /\bbehind apache\b/gi,
  /\blet people sign up\b/gi,
  /\bthe person who invited you\b/gi,
  /\bpeople in identity and access management\b/gi,
];

/** Each retired word in the text, with what to say instead. */
function retiredIn(text: string): string[] {
  const checked = ALLOWED.reduce((rest, phrase) => rest.replace(phrase, ''), text);
  return RETIRED.flatMap(([pattern, instead]) =>
    [...checked.matchAll(new RegExp(`\\b(?:${pattern})\\b`, 'gi'))].map(([word]) => `${word}: say ${instead}`),
  );
}

/** Of a catalogue: the texts, without their keys and the names of their placeholders. */
function textsOf(value: unknown): string[] {
  if (typeof value === 'string') return [value.replace(/\{\{\w+\}\}/g, '')];
  return Object.values(value as object).flatMap(textsOf);
}

/** Of an OpenAPI document: the sentences. Names of fields and codes are part of the API, not of its wording. */
function sentencesOf(value: unknown): string[] {
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([key, part]) =>
    typeof part === 'string' && ['summary', 'description', 'title'].includes(key)
      ? [part.replace(/`\w+`/g, '')]
      : sentencesOf(part),
  );
}

/** Since a phrase may be broken at the end of a line. */
const onOneLine = (text: string) => text.replace(/\s+/g, ' ');

const faultsIn = (texts: string[]) =>
  texts.flatMap((text) => retiredIn(text).map((fault) => `${fault}, in: ${text.slice(0, 100)}`));

describe('retired words', () => {
  it('are found as whole words, in any case', () => {
    expect(retiredIn('Letters wait.')).toEqual(['Letters: say email']);
    expect(retiredIn('A job stops behind its step. Boxes are Sealed.')).toEqual([
      'Sealed: say encrypt',
      'behind: say after',
    ]);
    expect(retiredIn('Use uppercase letters behind a proxy, and roommates.')).toEqual([]);
  });

  it.each(filesIn('views/messages/en', '.json'))('are not in %s', (path) => {
    const texts = textsOf(JSON.parse(read(path)));
    expect(texts.length).toBeGreaterThan(0);
    expect(faultsIn(texts)).toEqual([]);
  });

  it.each(['README.md', 'CONTRIBUTING.md', ...filesIn('docs', '.md')])('are not in %s', (path) => {
    // A decision may quote what was said before.
    const text = path.includes('decisions') ? read(path).replace(/"[^"\n]*"/g, '') : read(path);
    expect(faultsIn(text.split('\n\n').map(onOneLine))).toEqual([]);
  });

  it('are not in the API reference', async () => {
    const test = await startHouse();
    try {
      const { body } = await test.http.get('/v1/openapi.json');
      const scopes = textsOf(body.components.securitySchemes.service.flows.clientCredentials.scopes);
      const sentences = [...new Set([...sentencesOf(body), ...scopes])];
      expect(sentences.length).toBeGreaterThan(200);
      expect(faultsIn(sentences)).toEqual([]);
    } finally {
      await test.tearDown();
    }
  });
});
