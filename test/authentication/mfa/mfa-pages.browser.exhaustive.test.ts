import { itPassesAxe } from '../../support/accessibility.ts';
import { describeInBrowser } from '../../support/browser.ts';
import { mfaPages, startMfaBrowser, type MfaBrowser } from './mfa-browser.ts';

describeInBrowser('every page of MFA', () => {
  let mfa: MfaBrowser;
  beforeAll(async () => {
    mfa = await startMfaBrowser();
  });
  afterAll(() => mfa.stop());

  const pages = mfaPages(() => mfa);
  itPassesAxe(Object.keys(pages), { section: 'mfa', open: (options) => mfa.open(options), pages });
});
