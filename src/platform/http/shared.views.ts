import type { Words, ViewModels } from '../view-model.ts';

/** Stands in a text where something else is put: no text contains it. */
const GAP = '\u2060';

interface FieldGiven {
  name: string;
  type?: string;
  fault?: string | false;
  invalid?: boolean;
  hint?: string;
  describedBy?: string;
}

interface NewPasswordGiven extends Words {
  rules: { key: string }[];
}

interface ErrorGiven extends Words {
  status: number;
  code: string;
  /** What the user wanted to do, if the page would say something else. */
  about?: string;
}

const EMBLEMS: Record<number, string> = {
  403: 'hand-stop',
  404: 'compass',
  429: 'hourglass-low',
  500: 'cloud-off',
  503: 'cloud-off',
};

interface CallGiven extends Words {
  key: string;
  at?: number;
}

/** What the partials that all pages share, and the page of an error, show besides what they are given. */
export const sharedViewModels: ViewModels = {
  error: ({ status, code, about, t }: ErrorGiven) => {
    const usual = (part: string) =>
      t(`errors.${code}.${part}`, {
        defaultValue: t(`errors.status.${status}.${part}`, { defaultValue: t(`errors.generic.${part}`) }),
      });
    const say = (part: string) => (about ? t(`errors.${about}.${part}`) : usual(part));
    return {
      heading: say('title'),
      text: say('text'),
      emblem: EMBLEMS[status] ?? 'alert-triangle',
      tone: status === 404 ? 'calm' : 'bad',
    };
  },

  'partials/field': ({ name, type = 'text', fault, invalid = false, hint, describedBy }: FieldGiven) => {
    const explanations = [fault && `${name}-fault`, invalid && 'alert', hint && `${name}-hint`, describedBy];
    return { type, isInvalid: Boolean(fault) || invalid, explanations: explanations.filter(Boolean).join(' ') };
  },

  'partials/text-area': ({ name, fault, hint }: FieldGiven) => ({
    explanations: [fault && `${name}-fault`, hint && `${name}-hint`].filter(Boolean).join(' '),
  }),

  'partials/new-password': ({ rules, faults, t }: NewPasswordGiven) => {
    const broken = (faults['password'] ?? '').split(' ').filter(Boolean);
    const listed = broken.filter((key) => rules.some((rule) => rule.key === key));
    const others = broken.filter((key) => !listed.includes(key));
    const text = (key: string) => t(`password.faults.${key}`, { defaultValue: t('faults.other') });
    const said = [...(listed.length > 0 ? [t('password.faults.rules')] : []), ...others.map(text)];
    return { broken, said: said.join(' ') };
  },

  'partials/password-rules': ({ rules, broken }: { rules: { key: string; pattern: string }[]; broken: string[] }) => ({
    marked: rules.map((rule) => ({ ...rule, isBroken: broken.includes(rule.key) })),
  }),

  'partials/refusal': ({ labels, faults }: Words & { labels: Record<string, string> }) => {
    const faulty = Object.entries(labels).filter(([name]) => faults[name]);
    return { links: faulty.map(([name, text]) => ({ href: `#${name}`, text })) };
  },

  'partials/sentence': ({ key, values, t }: Words & { key: string; values?: object }) => {
    const [before, after] = t(key, { ...values, name: GAP }).split(GAP);
    return { before, after };
  },

  'partials/text-link': ({ key, t }: Words & { key: string }) => {
    const [before, text, after] = t(key, { link: GAP }).split(GAP);
    return { before, text, after };
  },

  'partials/time': ({ at }: { at: number }) => ({ machineTime: new Date(at * 1000).toISOString() }),

  'partials/pair': ({ application, username }: { application: { name: string }; username: string }) => ({
    initials: [application.name, username].map((name) => [...name][0]),
  }),

  'mail/message.text': ({ text }: { text: string }) => ({ text: text.trim() }),

  'partials/mail/call': callTexts,
  'partials/mail/call-text': callTexts,
};

/** The texts of an email that asks for one thing; their placeholders are filled from its model. */
function callTexts({ key, at, ...given }: CallGiven) {
  const { t, when } = given;
  const values = { ...given, at: at && when(at) };
  return { text: t(`${key}.text`, values), more: t(`${key}.more`, values) };
}
