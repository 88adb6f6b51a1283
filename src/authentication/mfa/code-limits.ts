/**
 * Counts codes that were tried on an account, for all nodes together. Of a million codes, three are valid at a time,
 * so what matters is how many an attacker who knows the password can try in a year: with the default of five in 15
 * minutes and twenty a day, fewer than one in forty succeed, and the user is notified by email on the first day.
 */
export interface CodeLimits {
  /**
   * Counts an attempt before it is made, so that fifty at once cannot all pass the same look. `isLast` says that another
   * one would have to wait. @throws TooManyAttempts
   */
  begin(userId: string): Promise<{ isLast: boolean }>;
  /** The attempt was right: the account starts afresh. */
  succeed(userId: string): Promise<void>;
}
