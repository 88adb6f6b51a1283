import { isPlainText } from '../../../config/plain-text.ts';
import { passkeyNameShape } from '../../../src/authentication/mfa/factor.ts';
import { nameKey } from '../../../src/platform/names.ts';
import { adminToken, giveApplication, giveUser, giveRole, startApp, type TestApp } from '../../support/app.ts';
import { importRows } from '../../administration/import-export/files.ts';

const HIDDEN: [name: string, character: string][] = [
  ['a soft hyphen', '\u00AD'],
  ['a grapheme joiner', '\u034F'],
  ['an Arabic letter mark', '\u061C'],
  ['a Hangul filler', '\u115F'],
  ['another Hangul filler', '\u3164'],
  ['a halfwidth Hangul filler', '\uFFA0'],
  ['a Khmer vowel that is not displayed', '\u17B4'],
  ['a Mongolian variation selector', '\u180B'],
  ['a zero width space', '\u200B'],
  ['a zero width non-joiner', '\u200C'],
  ['a zero width joiner', '\u200D'],
  ['a right-to-left override', '\u202E'],
  ['a word joiner', '\u2060'],
  ['an invisible times', '\u2062'],
  ['an isolate', '\u2066'],
  ['a deprecated format character', '\u206A'],
  ['a blank Braille pattern', '\u2800'],
  ['a variation selector', '\uFE00'],
  ['an emoji variation selector', '\uFE0F'],
  ['a byte order mark', '\uFEFF'],
  ['an interlinear annotation', '\uFFF9'],
  ['a noncharacter', '\uFFFF'],
  ['a private character', '\uE000'],
  ['an unassigned code point', '\u{E0080}'],
  ['a shorthand format control', '\u{1BCA0}'],
  ['a musical null notehead', '\u{1D159}'],
  ['a musical format control', '\u{1D173}'],
  ['a tag', '\u{E0061}'],
  ['a supplementary variation selector', '\u{E0100}'],
  ['a control character', '\u0085'],
  ['a line separator', '\u2028'],
];

const NATURAL = [
  '👩‍✈️ Pilots',
  '👩🏽‍🚀',
  '👨‍👩‍👧‍👦 Family',
  '🏳️‍🌈 Pride',
  '🏴󠁧󠁢󠁥󠁮󠁧󠁿 England',
  '🏴󠁧󠁢󠁳󠁣󠁴󠁿 Scotland',
  '🇩🇪 Berlin',
  '1️⃣ First',
  '❤️ and ☎︎',
  '©️ Rights',
  'می‌خواهم',
  'خانه‌ای',
  'क्‍ष',
  'क्‌क',
  'ශ්‍රී ලංකා',
  'র‍্যাব',
  'ന്‍',
  '辻󠄀',
  'ᠠ᠋',
  'Zoë Müller',
];

/** A name that looks like another one is that other one, or is refused: who reads a token could not tell them apart. */
describe('a character that nobody sees', () => {
  let test: TestApp;
  let token: string;
  beforeAll(async () => {
    test = await startApp();
    token = await adminToken(test);
    await test.http.post('/v1/groups').set('authorization', `Bearer ${token}`).send({ name: 'Payroll' }).expect(201);
  });
  afterAll(() => test.tearDown());

  const send = (method: 'post' | 'patch', path: string, body: object) =>
    test.http[method](path).set('authorization', `Bearer ${token}`).send(body);
  const fault = (pointer: string) => [{ pointer, detail: 'must not contain control or invisible characters' }];

  it.each(HIDDEN)('is refused in the name of a group: %s', async (_what, character) => {
    for (const name of [`Pay${character}roll`, `Pay${character}${character}roll`, `Payroll${character}s`]) {
      const { status, body } = await send('post', '/v1/groups', { name });
      expect([status, body.errors]).toEqual([400, fault('#/name')]);
    }
  });

  it('is refused in every other name', async () => {
    const { id } = await giveUser(test, 'ada@example.com');
    const application = await giveApplication(test);
    const role = await giveRole(test, 'editor');
    const calls: ['post' | 'patch', string, Record<string, string>][] = [
      ['post', '/v1/roles', { name: 'X' }],
      ['patch', `/v1/roles/${role.id}`, { name: 'X' }],
      ['post', '/v1/applications', { name: 'X', type: 'service' }],
      ['patch', `/v1/applications/${application.id}`, { name: 'X' }],
      ['post', '/v1/users', { username: 'grace@example.com', first_name: 'X' }],
      ['patch', `/v1/users/${id}`, { last_name: 'X' }],
      ['patch', '/v1/settings', { COHORT_BRAND_NAME: 'X' }],
    ];
    for (const [, character] of HIDDEN.filter(([, one]) => one !== '\uFEFF')) {
      for (const [method, path, body] of calls) {
        const [field = ''] = Object.entries(body).find(([, value]) => value === 'X') ?? [];
        const reply = await send(method, path, { ...body, [field]: `A${character}B` });
        expect([path, reply.status, reply.body.errors[0].pointer]).toEqual([path, 400, `#/${field}`]);
      }
      expect(passkeyNameShape.safeParse(`A${character}B`).success).toBe(false);
      const { counts } = await importRows(test, 'groups', [{ name: `A${character}B` }]);
      expect(counts).toMatchObject({ created: 0, failed: 1 });
    }
  });

  it.each(NATURAL)('is part of a name where a script or an emoji needs it: %s', async (name) => {
    const { status, body } = await send('post', '/v1/groups', { name });
    expect([status, body.result?.name]).toEqual([201, name]);
    const found = await test.http.get('/v1/groups').query({ name }).set('authorization', `Bearer ${token}`);
    expect(found.body.result).toHaveLength(1);
  });

  it('does not make one name two where it is allowed', async () => {
    for (const [one, other] of [
      ['Crew 👩‍✈️', 'crew 👩✈'],
      ['Note ☎︎', 'Note ☎️'],
      ['نمی‌خواهم', 'نمیخواهم'],
      ['Two words', 'Two  words'],
      ['Two words', 'two\u00A0words'],
    ] as const) {
      await send('post', '/v1/groups', { name: one });
      expect((await send('post', '/v1/groups', { name: other })).body).toMatchObject({ code: 'group_name_taken' });
    }
    expect(nameKey('🏴󠁧󠁢󠁥󠁮󠁧󠁿')).not.toBe(nameKey('🏴󠁧󠁢󠁳󠁣󠁴󠁿'));
  });

  it.each([
    'Pay\u200Croll',
    'ab\u200D👩',
    '👩\u200D',
    '\u200D✈',
    '🏴\u{E0061}\u{E007F}',
    '1\uFE0F',
    '辻\u{E0100}\u{E0100}',
    'م\u200C',
  ])('is refused where none needs it: %j', (name) => expect(isPlainText(name)).toBe(false));
});
