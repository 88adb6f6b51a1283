import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { readCatalogue } from '../src/platform/i18n/messages.ts';

const root = join(import.meta.dirname, '..');
const folder = join(root, 'views', 'messages');

/** Read by those who write applications, beside a document that is English too. */
const ENGLISH_ONLY = ['apiDocs'];

/** Keys that are put together while a page is made. A `*` is one part of the key. */
const PUT_TOGETHER = [
  'consoleApplication.access.kinds.*',
  'consoleApplication.access.reasons.*',
  'consoleApplication.signals.endings.*.name',
  'consoleApplication.signals.endings.*.text',
  'consoleApplication.signals.kinds.*',
  'consoleApplication.signals.outcomes.*',
  'consoleApplication.signals.status.*',
  'consoleGroup.membership.*',
  'consoleGroup.membership.*Fault',
  'consoleGroup.membership.*Hint',
  'consoleGroup.membership.sources.*',
  'account.pages.*',
  'account.*.lead',
  'account.*.short',
  'account.*.title',
  'account.activity.actions.*',
  'account.applications.sees.*',
  'account.delete.faults.*',
  'account.done.*',
  'account.groups.period.*',
  'account.groups.period.*Fault',
  'account.groups.period.*Hint',
  'account.groups.faults.*',
  'account.password.faults.*',
  'accountReady.*.lead',
  'accountReady.*.title',
  'apiDocs.limits.*',
  'apiDocs.places.*',
  'apiDocs.types.*',
  'checkMailbox.*',
  'confirmRegistration.faults.*',
  'consent.scopes.*',
  'consoleApplication.newSecret.periods.*',
  'consoleApplication.protocol.fields.*',
  'consoleApplication.protocol.hints.*',
  'consoleApplication.protocol.sections.*',
  'consoleApplication.protocol.values.*',
  'console.audit.*',
  'console.audit.columns.*',
  'console.audit.kinds.*',
  'console.jobs.columns.*',
  'console.jobs.errors.*',
  'console.jobs.formats.*',
  'console.jobs.kinds.*',
  'console.jobs.membershipsChoices.*',
  'console.jobs.outcomes.*',
  'console.jobs.statuses.*',
  'console.jobs.trialOutcomes.*',
  'console.jobs.types.*',
  'console.chapters.*',
  'console.count.*',
  'console.done.*',
  'console.errors.*',
  'console.faults.*.*',
  'console.faults.*.group_ids',
  'console.newUser.methods.*.text',
  'console.newUser.methods.*.title',
  'console.nameFaults.*',
  'console.sections.*',
  'console.users.columns.*',
  'console.users.days.*',
  'console.users.kind.*',
  'console.users.status.*',
  'consoleRole.delete.kinds.*',
  'consoleRole.fields.*',
  'consoleWebhook.secret.periods.*',
  'consoleWebhook.status.*',
  'consoleUser.activity.actions.*',
  'consoleDashboard.charts.*',
  'consoleDashboard.warning.*',
  'consoleDashboard.tiles.*',
  'consoleDashboard.way.*',
  'consoleAdministrator.scope.*.text',
  'consoleAdministrator.scope.*.title',
  'consoleApplication.addressFaults.*',
  'consoleApplication.claims.fields.*',
  'consoleApplication.claims.formats.*',
  'consoleApplication.claims.hints.*',
  'consoleApplication.claims.renamedGroups.*',
  'consoleApplication.claims.where.*.text',
  'consoleApplication.claims.where.*.title',
  'consoleApplication.claims.uses.*',
  'consoleApplication.claims.scopes.*',
  'consoleApplication.columns.*',
  'consoleApplication.delete.kinds.*',
  'consoleApplication.fields.*',
  'consoleApplication.hints.*',
  'consoleApplication.hints.redirect_uris_*',
  'consoleApplication.preview.parts.*',
  'consoleApplication.preview.reasons.*',
  'consoleApplication.preview.refusals.*',
  'consoleApplication.preview.scopesFrom.*',
  'consoleApplication.preview.sizeOf.*',
  'consoleApplication.preview.warnings.*',
  'consoleApplication.snippets.*',
  'consoleApplication.tabs.*',
  'consoleApplication.types.*.text',
  'consoleApplication.types.*.title',
  'consoleGroup.columns.*',
  'consoleGroup.delete.kinds.*',
  'consoleGroup.fields.*',
  'consoleGroup.tabs.*',
  'consoleUser.customData.tree.*',
  'consoleUser.customData.tree.kinds.*',
  'consoleSettings.all.sources.*',
  'consoleSettings.chapters.*',
  'consoleSettings.choices.*',
  'consoleSettings.fields.*',
  'consoleSettings.hints.*',
  'consoleSettings.keys.columns.*',
  'consoleUser.delete.kinds.*',
  'consoleUser.factors.kinds.*',
  'consoleUser.roles.admin.*.text',
  'consoleUser.roles.admin.*.title',
  'consoleUser.security.invitationState.*',
  'consoleUser.security.statusText.*',
  'consoleUser.tabs.*',
  'deviceCode.faults.*',
  'errors.*.*',
  'errors.generic.*',
  'errors.status.*.*',
  'faults.*.*',
  'faults.email.*',
  'linkRefused.*.*',
  'linkRefused.*.*.*',
  'linkRefused.waysOn.*',
  'mail.*.button',
  'mail.*.more',
  'mail.*.subject',
  'mail.*.text',
  'mail.*.text_*',
  'page.links.*',
  'password.faults.*',
  'password.rules.*',
  'secondFactor.*.hint',
  'secondFactor.*.label',
  'secondFactor.faults.*',
  'secondFactor.ways.*',
  'person.attributes.*',
  'person.attributeHints.*',
  'setUpSecondFactor.kinds.*.text',
  'setUpSecondFactor.kinds.*.title',
  'signIn.links.*',
  'signIn.faults.*',
  'signIn.methods.*',
  'totpSetUp.faults.*',
];

/** What is the same in another language as in English. */
const SAME: Record<string, string[]> = {
  de: [
    'console.sections.webhooks',
    'consoleWebhook.fields.url',
    'consoleWebhook.secret.title',
    'consoleWebhook.title',
    'person.attributes.website',
    'consoleApplication.protocol.values.fapi2',
    'page.title',
    'mail.message.subject',
    'deviceCode.code',
    'devMail.messageId',
    'passkeySetUp.name',
    'security.passkeys',
    'setUpSecondFactor.kinds.passkey.title',
    'console.audit.kinds.import',
    'console.jobs.columns.status',
    'console.jobs.format',
    'console.jobs.kinds.export',
    'console.jobs.kinds.import',
    'console.jobs.status',
    'console.users.columns.name',
    'console.users.columns.status',
    'console.users.kind.administrator',
    'consoleApplication.claims.fields.format',
    'consoleApplication.claims.formats.id',
    'consoleApplication.claims.uses.introspection',
    'consoleApplication.claims.uses.userinfo',
    'consoleApplication.columns.name',
    'consoleApplication.fields.name',
    'consoleApplication.snippets.spring',
    'consoleDashboard.course',
    'consoleGroup.columns.name',
    'consoleRole.fields.name',
    'consoleSettings.chapters.look',
    'consoleUser.applications.scopes',
    'consoleUser.customData.tree.kinds.string',
    'consoleUser.customData.tree.name',
    'consoleUser.factors.kinds.passkey',
    'consoleUser.facts',
  ],
  ar: ['consoleApplication.protocol.values.fapi2', 'page.title', 'mail.message.subject'],
};

type Texts = Map<string, string>;

function flatten(value: unknown, path = ''): [string, string][] {
  if (typeof value === 'string') return [[path, value]];
  return Object.entries(value as object).flatMap(([name, inner]) => flatten(inner, path ? `${path}.${name}` : name));
}

const PLURAL = /_(zero|one|two|few|many|other)$/;
const baseOf = (key: string) => key.replace(PLURAL, '');
const placeholdersOf = (text: string) =>
  [...text.matchAll(/\{\{\s*(\w+)[^}]*\}\}/g)].map(([, name = '']) => name).sort();
const textsOf = (language: string): Texts => new Map(flatten(readCatalogue(join(folder, language))));
const translatable = (key: string) => !ENGLISH_ONLY.includes(key.split('.')[0]!);

const languages = readdirSync(folder);
const others = languages.filter((language) => language !== 'en');
const english = textsOf('en');
const sections = Object.keys(readCatalogue(join(folder, 'en')));
const keys = new Set([...english.keys()].map(baseOf));

const filesIn = (place: string, ending: string) =>
  readdirSync(join(root, place), { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith(ending))
    .map((name) => ({ name: join(place, name), text: readFileSync(join(root, place, name), 'utf8') }));
const views = filesIn('views', '.ejs');
const code = filesIn('src', '.ts');

/** The texts of a view stand in it, or where its model is built. */
const models = code.filter(({ name }) => name.endsWith('.views.ts'));

/** Keys that stand in a file as they are. */
const written = [...views, ...models].flatMap(({ text }) =>
  [...text.matchAll(/['"`]([A-Za-z]+(?:\.[\w-]+)+)['"`]/g)]
    .map(([, key = '']) => key)
    .filter((key) => sections.includes(key.split('.')[0]!) && !/\.(css|js)$/.test(key)),
);

const patternOf = (declared: string) => new RegExp(`^${declared.replaceAll('.', '\\.').replaceAll('*', '[^.]+')}$`);
const patterns = PUT_TOGETHER.map((declared) => ({ declared, pattern: patternOf(declared) }));

describe('the catalogue of texts', () => {
  it('has every text that a view names', () => {
    expect(written.length).toBeGreaterThan(100);
    // An email names the part that its texts are in.
    const isPart = (key: string) => [...keys].some((each) => each.startsWith(`${key}.`));
    expect(written.filter((key) => !keys.has(key) && !isPart(key))).toEqual([]);
  });

  it('has no text that nothing names', () => {
    const used = new Set(written);
    const isUsed = (key: string) => used.has(key) || patterns.some(({ pattern }) => pattern.test(key));
    expect([...keys].filter((key) => !isUsed(key))).toEqual([]);
  });

  it('knows every key that is put together', () => {
    const found = [...views, ...code].flatMap(({ name, text }) =>
      [...text.matchAll(/`((?:[A-Za-z]+\.)[^`\n]*?\$\{[^`\n]*)`/g)]
        .map(([, template = '']) => template.replace(/\$\{[^}]*\}/g, '*'))
        .filter((template) => sections.includes(template.split('.')[0]!))
        .map((template) => ({ name, template })),
    );
    expect(found.length).toBeGreaterThan(15);
    expect(found.filter(({ template }) => !PUT_TOGETHER.includes(template))).toEqual([]);
    expect(patterns.filter(({ pattern }) => ![...keys].some((key) => pattern.test(key)))).toEqual([]);
  });

  it('says what every scope allows, what every email is about, and everything that is recorded', () => {
    const scopes = code
      .filter(({ name }) => name.endsWith('.claims.ts'))
      .flatMap(({ text }) => [...text.matchAll(/scope: '(\w+)'/g)].map(([, scope]) => `consent.scopes.${scope}`));
    const emails = views.flatMap(({ name }) => {
      const [, email] = /^views\/mail\/(.+)\.html\.ejs$/.exec(name) ?? [];
      return email ? [`mail.${email}.subject`] : [];
    });
    const recorded = code.flatMap(({ text }) =>
      [...text.matchAll(/'((?:users?|group|role|application|job|key|settings|mail|mfa)\.[a-z_]+)'/g)]
        .map(([, deed = '']) => deed)
        .filter((deed) => !deed.endsWith('.yaml')),
    );
    const imported = ['users', 'groups', 'roles', 'applications'].map((type) => `${type}.imported`);
    const isOfOneself = (deed: string) => /^(users?|mfa)\.|^group\.members_/.test(deed) && deed !== 'user.deleted';
    const deeds = [...recorded, ...imported].flatMap((deed) => [
      `consoleUser.activity.actions.${deed.replace('.', '_')}`,
      ...(isOfOneself(deed) ? [`account.activity.actions.${deed.replace('.', '_')}`] : []),
    ]);
    const kinds = recorded.map((deed) => `console.audit.kinds.${deed.split('.')[0]!.replace('mfa', 'user')}`);
    expect([scopes, emails, deeds, kinds].map(({ length }) => length > 1)).toEqual([true, true, true, true]);
    expect([...scopes, ...emails, ...deeds, ...kinds].filter((key) => !keys.has(key))).toEqual([]);
  });

  it('is the only place with words: no view has any', () => {
    const strangers = views
      .filter(({ name }) => !/^views\/(demo|partials\/api)\/|api-docs/.test(name))
      .flatMap(({ name, text }) => {
        const html = text.replace(/<%[\s\S]*?%>/g, '').replace(/<style>[\s\S]*?<\/style>|<!--[\s\S]*?-->/g, '');
        const attributes = [...html.matchAll(/\s(?:aria-label|alt|title|placeholder)="([^"]*)"/g)].map(
          ([, said]) => said,
        );
        const words = html.replace(/<[^>]*>/g, '');
        return [words, ...attributes]
          .filter((said = '') => /\p{L}{2,}/u.test(said))
          .map((said) => [name, said?.trim()]);
      });
    expect(strangers).toEqual([]);
  });
});

describe.each(others)('the catalogue in %s', (language) => {
  const texts = textsOf(language);
  const categories = new Intl.PluralRules(language).resolvedOptions().pluralCategories;
  const formsOf = (all: Texts, base: string) => [...all].filter(([key]) => baseOf(key) === base);

  it('has the texts of the English one and no others', () => {
    const wanted = [...keys].filter(translatable).sort();
    expect([...new Set([...texts.keys()].map(baseOf))].sort()).toEqual(wanted);
  });

  it('keeps the placeholders', () => {
    const required = (all: Texts, base: string) =>
      formsOf(all, base).map(([key, text]) =>
        // A form for one number may write it as a word.
        placeholdersOf(text).filter((name) => name !== 'count' || !PLURAL.test(key)),
      );
    const unlike = [...new Set([...texts.keys()].map(baseOf))].filter((base) => {
      const [wanted] = required(english, base);
      return required(texts, base).some((found) => JSON.stringify(found) !== JSON.stringify(wanted));
    });
    expect(unlike).toEqual([]);
  });

  it('has every plural form of the language', () => {
    const counted = [...keys].filter(
      (base) => translatable(base) && formsOf(english, base).some(([key]) => PLURAL.test(key)),
    );
    const wanted = (base: string) => categories.map((category) => `${base}_${category}`).sort();
    expect(counted.length).toBeGreaterThan(3);
    for (const base of counted)
      expect(
        formsOf(texts, base)
          .map(([key]) => key)
          .sort(),
      ).toEqual(wanted(base));
  });

  it('is translated', () => {
    const same = [...texts].filter(([key, text]) => english.get(key) === text).map(([key]) => key);
    expect(same.sort()).toEqual([...(SAME[language] ?? [])].sort());
    expect([...texts].filter(([, text]) => !text.trim())).toEqual([]);
  });
});
