import { settings } from './schema.ts';
import type { Setting } from './setting.ts';

/** The text of `.env.example`: every setting with its sentence and its default. */
export function environmentExample(): string {
  const header =
    '# Every setting of Cohort with its default. Made by `npm run env:example`; a test notices when it is stale.\n';
  return header + Object.values<Setting>(settings).map(entry).join('');
}

function entry({ variable, fallback, about, secret, changeable }: Setting): string {
  const fromFile = secret ? ` Also ${variable}_FILE, a file that holds it.` : '';
  const inConsole = changeable ? ' Left out, it can be changed in the console.' : '';
  return `\n# ${about}${fromFile}${inConsole}\n#${variable}=${fallback ?? ''}\n`;
}

/** The settings as a table for the README. */
export function settingsTable(): string {
  const row = ({ variable, fallback, about, secret, changeable }: Setting) => {
    const name = secret ? `\`${variable}\`, \`${variable}_FILE\`` : `\`${variable}\``;
    return `| ${name} | ${fallback ? `\`${fallback}\`` : ''} | ${about}${changeable ? ' ⚙' : ''} |`;
  };
  return [
    '| variable | default | what it is for |',
    '| --- | --- | --- |',
    ...Object.values<Setting>(settings).map(row),
  ].join('\n');
}
