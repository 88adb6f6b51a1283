import type { Page } from 'playwright-core';

/** The screen and the color scheme in which a page is looked at. */
export interface Look {
  viewport: { width: number; height: number };
  colorScheme: 'light' | 'dark';
}

const desktop = { width: 1280, height: 800 };
const phone = { width: 360, height: 740 };

export const lightDesktop: Look = { viewport: desktop, colorScheme: 'light' };
export const darkDesktop: Look = { viewport: desktop, colorScheme: 'dark' };
export const lightPhone: Look = { viewport: phone, colorScheme: 'light' };
export const darkPhone: Look = { viewport: phone, colorScheme: 'dark' };
export const everyLook = [darkPhone, lightDesktop, darkDesktop, lightPhone];

/** A phone with a touch screen, in the dark, for a context of its own. */
export const touchPhone = { viewport: phone, isMobile: true, hasTouch: true, colorScheme: 'dark' } as const;

export const nameOf = ({ viewport, colorScheme }: Look) =>
  `${viewport.width === phone.width ? 'phone' : 'desktop'} ${colorScheme}`;

/** Looks at the open page on another screen or in another scheme; to get to a page is the longer part of a test. */
export async function changeLook(page: Page, { viewport, colorScheme }: Partial<Look>): Promise<void> {
  if (viewport) await page.setViewportSize(viewport);
  if (colorScheme) await page.emulateMedia({ colorScheme });
}
