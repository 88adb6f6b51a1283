/** What the suite's browser does on Cohort's pages, as the `browser` and `override` of a configuration of the suite. */
export interface PagesOptions {
  cohort: string;
  /** Where the applications of the suite are. */
  suite: string;
  login: string;
  password: string;
}

type Command = (string | number)[];

interface Task {
  task: string;
  match: string;
  optional?: boolean;
  commands?: Command[];
}

interface Visit {
  match: string;
  'match-limit'?: number;
  tasks: Task[];
}

export function createPages({ cohort, suite, login, password }: PagesOptions) {
  const authorization = `${cohort}/auth*`;
  const interaction = `${cohort}/interaction*`;
  const signOut = `${cohort}/session/end*`;

  const signIn = (before: Command[] = []): Task => ({
    task: 'Sign in',
    optional: true,
    match: interaction,
    commands: [
      ...before,
      ['text', 'name', 'login', login, 'optional'],
      ['text', 'name', 'password', password, 'optional'],
      ['click', 'id', 'login-submit', 'optional'],
    ],
  });
  const consent: Task = {
    task: 'Consent',
    optional: true,
    match: interaction,
    commands: [['click', 'id', 'consent-submit', 'optional']],
  };
  // Real browsers send the form of `form_post` by themselves; the script that does it is newer than what the suite's browser reads.
  const sent: Task = {
    task: 'Send the response',
    optional: true,
    match: authorization,
    commands: [['click', 'id', 'form-post', 'optional']],
  };
  const returned: Task = {
    task: 'Return to the application',
    match: `${suite}/test/*callback*`,
    commands: [['wait', 'id', 'submission_complete', 10]],
  };
  const see = (text: string, isOptional = false): Command => [
    ...['wait', 'xpath', '//*'],
    10,
    ...[text, isOptional ? 'update-image-placeholder-optional' : 'update-image-placeholder'],
  ];

  const walk: Visit = { match: authorization, tasks: [signIn(), consent, sent, returned] };
  const confirm: Task = { task: 'Confirm', match: signOut, commands: [['click', 'id', 'logout-yes']] };
  const leave: Visit = {
    match: signOut,
    tasks: [confirm, { task: 'Return to the application', match: `${suite}/test/*post*` }],
  };
  const seeing = (match: string, at: string, text: string): Visit => ({
    match,
    tasks: [{ task: `See "${text}"`, match: at, commands: [see(text)] }],
  });
  const refused = { browser: [seeing(authorization, authorization, 'Invalid (redirect URI|sign-in request)')] };
  const shown = (text: string) => ({ browser: [seeing(authorization, interaction, text)] });
  const again = {
    browser: [{ match: authorization, tasks: [signIn([see('Sign in', true)]), consent, sent, returned] }],
  };
  const notLeft = { browser: [walk, seeing(signOut, signOut, 'You were not signed out')] };
  const left = {
    browser: [
      walk,
      {
        match: signOut,
        tasks: [
          confirm,
          {
            task: 'See the page after sign-out',
            match: `${cohort}/session/end/success*`,
            commands: [see('signed out')],
          },
        ],
      },
    ],
  };
  const logout = (name: string) => `oidcc-rp-initiated-logout-${name}`;

  return {
    browser: [walk, leave],
    override: {
      'oidcc-prompt-login': again,
      'oidcc-max-age-1': again,
      'oidcc-ensure-registered-redirect-uri': refused,
      'oidcc-ensure-redirect-uri-in-authorization-request': refused,
      'oidcc-redirect-uri-query-added': refused,
      'oidcc-redirect-uri-query-mismatch': refused,
      'oidcc-registration-logo-uri': shown('Sign in'),
      'oidcc-registration-policy-uri': shown('Privacy'),
      'oidcc-registration-tos-uri': shown('Terms'),
      [logout('bad-post-logout-redirect-uri')]: notLeft,
      [logout('query-added-to-post-logout-redirect-uri')]: notLeft,
      [logout('modified-id-token-hint')]: notLeft,
      [logout('bad-id-token-hint')]: notLeft,
      [logout('no-id-token-hint')]: left,
      [logout('no-params')]: left,
      [logout('no-post-logout-redirect-uri')]: left,
      [logout('only-state')]: left,
      'fapi2-security-profile-final-ensure-redirect-uri-in-authorization-request': refused,
      'fapi2-security-profile-final-ensure-registered-redirect-uri': refused,
      'fapi2-security-profile-final-user-rejects-authentication': {
        browser: [
          {
            match: authorization,
            tasks: [{ task: 'Cancel', match: interaction, commands: [['click', 'id', 'cancel']] }, sent, returned],
          },
        ],
      },
      'fapi2-security-profile-final-par-ensure-reused-request-uri-prior-to-auth-completion-succeeds': {
        browser: [
          {
            match: authorization,
            'match-limit': 1,
            tasks: [{ task: 'Open the sign-in page and leave', match: interaction, commands: [] }],
          },
          walk,
        ],
      },
    },
  };
}
