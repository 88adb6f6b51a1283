import { readFileSync } from 'node:fs';
import { extname } from 'node:path';
import type { Config } from '../../../config/schema.ts';
import type { AssetFile } from '../http/assets.ts';
import type { Theme } from './theme.ts';

/** The branding of pages and emails, and the files that it needs. */
export interface Look {
  brand: string;
  /** The name of the asset that is shown as the mark. */
  logo: string;
  /** The name of the asset in emails; email clients do not support SVG. */
  mailLogo?: string | undefined;
  /** The names of further style sheets, in their order. */
  styles: string[];
  theme: Theme;
  /** What stands at the foot of every page: texts `page.links.<name>`. */
  links: { name: 'privacy' | 'terms' | 'support'; href: string }[];
  /** The files with these names, next to those that every Cohort has. */
  files: AssetFile[];
}

/** The colours of cohort.css, for emails, which need inline styles. */
const OWN: Theme = {
  light: {
    accent: '#0b6175',
    accentStrong: '#004c5c',
    accentTint: '#e4f2f5',
    fill: '#0b6175',
    fillStrong: '#004c5c',
    onFill: '#ffffff',
  },
  dark: {
    accent: '#74cfe0',
    accentStrong: '#9ae4f0',
    accentTint: '#193139',
    fill: '#74cfe0',
    fillStrong: '#9ae4f0',
    onFill: '#0c1a1f',
  },
};

type LookSettings = Pick<
  Config,
  'brand' | 'logo' | 'accentColor' | 'stylesheet' | 'privacyUrl' | 'termsUrl' | 'supportUrl'
>;

export async function createLook(settings: LookSettings): Promise<Look> {
  const { brand, logo, accentColor, stylesheet, privacyUrl, termsUrl, supportUrl } = settings;
  const { theme, colours } = accentColor ? await themeFrom(accentColor) : { theme: OWN, colours: undefined };
  const picture = logo && { name: `brand${extname(logo).toLowerCase()}`, content: readFileSync(logo) };
  const more = stylesheet && { name: 'extra.css', content: readFileSync(stylesheet) };
  const links = [
    { name: 'privacy' as const, href: privacyUrl },
    { name: 'terms' as const, href: termsUrl },
    { name: 'support' as const, href: supportUrl },
  ];
  return {
    brand,
    logo: picture ? picture.name : 'logo.svg',
    mailLogo: picture && !picture.name.endsWith('.svg') ? picture.name : undefined,
    styles: [colours, more].flatMap((file) => (file ? [file.name] : [])),
    theme,
    links: links.flatMap(({ name, href }) => (href ? [{ name, href }] : [])),
    files: [picture, colours, more].flatMap((file) => file || []),
  };
}

async function themeFrom(accentColor: string): Promise<{ theme: Theme; colours: AssetFile }> {
  // Loaded only for those who choose a colour: what computes colours is large.
  const { makeTheme, themeStyles } = await import('./theme.ts');
  const theme = makeTheme(accentColor);
  return { theme, colours: { name: 'theme.css', content: Buffer.from(themeStyles(theme)) } };
}
